# The programs. Each lists its own sources; what all of them link comes from the folders, in reverse order of layers.
bin_PROGRAMS += src/cmd/kryftoctl
src_cmd_kryftoctl_SOURCES = \
	src/cmd/kryftoctl.c src/cmd/ctl.h \
	src/cmd/ctl_api.c \
	src/cmd/ctl_docs.c \
	src/cmd/ctl_jobs.c \
	src/cmd/ctl_lib.c \
	src/cmd/ctl_migrate.c \
	src/cmd/ctl_queue.c \
	src/cmd/ctl_token.c
src_cmd_kryftoctl_LDADD = $(API_LIBS) $(HTTP_LIBS) $(STORE_LIBS) $(BLOB_LIBS) $(EXTRACT_LIBS) $(NET_LIBS) $(PROC_LIBS) \
	$(HTML_LIBS) $(URL_LIBS) $(CRYPTO_LIBS) $(JSON_LIBS) $(CONF_LIBS) $(BASE_LIBS) -lm
sbin_PROGRAMS += src/cmd/kryfto-api
src_cmd_kryfto_api_SOURCES = src/cmd/kryfto-api.c
src_cmd_kryfto_api_LDADD = $(API_LIBS) $(HTTP_LIBS) $(STORE_LIBS) $(BLOB_LIBS) $(EXTRACT_LIBS) $(NET_LIBS) $(PROC_LIBS) \
	$(HTML_LIBS) $(URL_LIBS) $(CRYPTO_LIBS) $(JSON_LIBS) $(CONF_LIBS) $(BASE_LIBS) -lm
sbin_PROGRAMS += src/cmd/kryfto-egress
src_cmd_kryfto_egress_SOURCES = src/cmd/kryfto-egress.c
src_cmd_kryfto_egress_LDADD = $(NET_LIBS) $(PROC_LIBS) $(CONF_LIBS) $(URL_LIBS) $(BASE_LIBS) -lm
pkglibexec_PROGRAMS += src/cmd/kryfto-parse
src_cmd_kryfto_parse_SOURCES = src/cmd/kryfto-parse.c
src_cmd_kryfto_parse_LDADD = $(EXTRACT_LIBS) $(PROC_LIBS) $(HTML_LIBS) $(URL_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
sbin_PROGRAMS += src/cmd/kryfto-crawler
src_cmd_kryfto_crawler_SOURCES = src/cmd/kryfto-crawler.c
src_cmd_kryfto_crawler_LDADD = $(CRAWL_LIBS) $(STORE_LIBS) $(BLOB_LIBS) $(CDP_LIBS) $(EXTRACT_LIBS) $(NET_LIBS) $(PROC_LIBS) \
	$(HTML_LIBS) $(URL_LIBS) $(CRYPTO_LIBS) $(JSON_LIBS) $(CONF_LIBS) $(BASE_LIBS) -lm -lpthread
bin_PROGRAMS += src/cmd/kryfto-html
src_cmd_kryfto_html_SOURCES = src/cmd/kryfto-html.c src/cmd/html_jsonl.c src/cmd/html_ops.c src/cmd/html_ops.h
src_cmd_kryfto_html_LDADD = $(EXTRACT_LIBS) $(NET_LIBS) $(PROC_LIBS) $(HTML_LIBS) $(URL_LIBS) $(CRYPTO_LIBS) $(CONF_LIBS) \
	$(JSON_LIBS) $(BASE_LIBS) -lm
sbin_PROGRAMS += src/cmd/kryfto-stream
src_cmd_kryfto_stream_SOURCES = src/cmd/kryfto-stream.c
src_cmd_kryfto_stream_LDADD = $(API_LIBS) $(HTTP_LIBS) $(STORE_LIBS) $(BLOB_LIBS) $(EXTRACT_LIBS) $(NET_LIBS) $(PROC_LIBS) \
	$(HTML_LIBS) $(URL_LIBS) $(CRYPTO_LIBS) $(JSON_LIBS) $(CONF_LIBS) $(BASE_LIBS) -lm
