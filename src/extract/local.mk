noinst_LIBRARIES += src/extract/libextract.a
src_extract_libextract_a_SOURCES = \
	src/extract/channel.c src/extract/channel.h \
	src/extract/coerce.c src/extract/coerce.h \
	src/extract/config.c src/extract/config.h \
	src/extract/doc.c src/extract/doc.h src/extract/doc_meta.c \
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
	src/extract/parse.c src/extract/parse.h \
	src/extract/plugin.c src/extract/plugin.h src/extract/plugin_impl.h \
	src/extract/plugin_doc.c \
	src/extract/plugin_file.c src/extract/plugin_file.h \
	src/extract/plugin_json.c \
	src/extract/plugin_url.c \
	src/extract/schema_dom.c \
	src/extract/schema_entity.c \
	src/extract/schema_labels.c \
	src/extract/schema_meta.c \
	src/extract/schema_mode.c src/extract/schema_mode.h src/extract/schema_impl.h \
	src/extract/schema_rows.c \
	src/extract/schema_spec.c \
	src/extract/selectors.c src/extract/selectors.h \
	src/extract/uri_ref.c \
	src/extract/serve.c src/extract/serve.h
EXTRACT_LIBS = src/extract/libextract.a $(PCRE2_LIBS) $(LUA_LIBS) -lm
