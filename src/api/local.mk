noinst_LIBRARIES += src/api/libapi.a
src_api_libapi_a_SOURCES = \
	src/api/after.c \
	src/api/app.c src/api/app.h \
	src/api/auth.c \
	src/api/cache.c src/api/cache.h \
	src/api/cors.c src/api/cors.h \
	src/api/limit.c \
	src/api/limiter.c src/api/limiter.h \
	src/api/nginx_conf.c src/api/nginx_conf.h \
	src/api/openapi.c src/api/openapi.h \
	src/api/routes.c src/api/routes.h \
	src/api/serve.c src/api/serve.h \
	src/api/session.h \
	src/api/stream.c src/api/stream.h src/api/stream_impl.h \
	src/api/stream_conn.c \
	src/api/stream_hub.c \
	src/api/collect/admin.c src/api/collect/admin.h \
	src/api/collect/artifacts.c src/api/collect/artifacts.h \
	src/api/collect/collect.h \
	src/api/collect/contract_admin.c \
	src/api/collect/contract_artifacts.c \
	src/api/collect/contract_crawls.c \
	src/api/collect/contract_extract.c \
	src/api/collect/contract_health.c \
	src/api/collect/contract_jobs.c \
	src/api/collect/contract_steps.c \
	src/api/collect/contract_tokens.c \
	src/api/collect/docs.c src/api/collect/docs.h \
	src/api/collect/crawls.c src/api/collect/crawls.h \
	src/api/collect/envelope.c \
	src/api/collect/extract.c src/api/collect/extract.h \
	src/api/collect/health.c src/api/collect/health.h \
	src/api/collect/jobs.c src/api/collect/jobs.h \
	src/api/collect/logs.c src/api/collect/logs.h \
	src/api/collect/offers.c \
	src/api/collect/shapes.c src/api/collect/shapes.h \
	src/api/collect/steps.h \
	src/api/collect/tokens.c src/api/collect/tokens.h
API_LIBS = src/api/libapi.a
