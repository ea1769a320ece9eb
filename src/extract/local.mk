noinst_LIBRARIES += src/extract/libextract.a
src_extract_libextract_a_SOURCES = \
	src/extract/channel.c src/extract/channel.h \
	src/extract/config.h \
	src/extract/frame.c src/extract/frame.h \
	src/extract/isolate.c src/extract/isolate.h \
	src/extract/isolate_pool.c \
	src/extract/json_ok.c \
	src/extract/serve.c src/extract/serve.h
EXTRACT_LIBS = src/extract/libextract.a
