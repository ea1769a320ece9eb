noinst_LIBRARIES += src/json/libjson.a
src_json_libjson_a_SOURCES = \
	src/json/parse.c \
	src/json/schema.c src/json/schema_decode.c src/json/schema_openapi.c src/json/issues.c src/json/schema.h \
	src/json/value.c src/json/value.h \
	src/json/writer.c src/json/writer.h
JSON_LIBS = src/json/libjson.a $(JANSSON_LIBS)
