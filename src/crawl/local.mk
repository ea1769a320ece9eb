noinst_LIBRARIES += src/crawl/libcrawl.a
src_crawl_libcrawl_a_SOURCES = \
	src/crawl/browsers.c src/crawl/browsers.h \
	src/crawl/crawler.h \
	src/crawl/daemon.c src/crawl/daemon.h \
	src/crawl/dbq.c src/crawl/dbq.h \
	src/crawl/dispatch.c src/crawl/dispatch.h \
	src/crawl/job.c src/crawl/job.h \
	src/crawl/engine.c src/crawl/engine.h \
	src/crawl/janitor.c src/crawl/janitor.h \
	src/crawl/keeper.c src/crawl/keeper.h \
	src/crawl/page.c src/crawl/page.h \
	src/crawl/parsers.c src/crawl/parsers.h \
	src/crawl/plan.c src/crawl/plan.h \
	src/crawl/product.c src/crawl/product.h \
	src/crawl/report.c src/crawl/report.h \
	src/crawl/runner.h \
	src/crawl/shell.c src/crawl/shell.h \
	src/crawl/task.c src/crawl/task.h \
	src/crawl/via_browser.c \
	src/crawl/via_http.c \
	src/crawl/visit.c src/crawl/visit.h
CRAWL_LIBS = src/crawl/libcrawl.a
