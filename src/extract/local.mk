noinst_LIBRARIES += src/extract/libextract.a
src_extract_libextract_a_SOURCES = \
	src/extract/channel.c src/extract/channel.h \
	src/extract/config.h \
	src/extract/frame.c src/extract/frame.h \
	src/extract/isolate.c src/extract/isolate.h \
	src/extract/isolate_pool.c \
	src/extract/json_ok.c \
	src/extract/jschema_check.c \
	src/extract/jschema_format.c \
	src/extract/jschema_keywords.c \
	src/extract/jschema_load.c src/extract/jschema_load.h \
	src/extract/jschema_meta.c src/extract/jschema_node.h \
	src/extract/jschema_regex.c \
	src/extract/jschema_run.c src/extract/jschema_run.h \
	src/extract/jsonschema.h \
	src/extract/uri_ref.c \
	src/extract/serve.c src/extract/serve.h
EXTRACT_LIBS = src/extract/libextract.a $(PCRE2_LIBS) $(LUA_LIBS) -lm
