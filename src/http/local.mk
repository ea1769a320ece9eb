# http
noinst_LIBRARIES += src/http/libhttp.a
src_http_libhttp_a_SOURCES = \
	src/http/body.c \
	src/http/call.h \
	src/http/fcgi.c src/http/fcgi.h \
	src/http/fcgi_record.c src/http/fcgi_record.h \
	src/http/metrics.c src/http/metrics.h \
	src/http/metrics_text.c \
	src/http/openapi.c src/http/openapi.h \
	src/http/pipeline.c \
	src/http/problem.c src/http/problem.h \
	src/http/reply.c src/http/reply.h \
	src/http/request.c src/http/request.h \
	src/http/route.h \
	src/http/router.c \
	src/http/yaml.c
HTTP_LIBS = src/http/libhttp.a $(FCGI_LIBS)
