noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/first.h \
	src/base/arena.c src/base/arena.h \
	src/base/buf.c src/base/buf.h \
	src/base/clock.c src/base/clock.h \
	src/base/enc.c src/base/enc.h \
	src/base/err.c src/base/err.h \
	src/base/fault.c src/base/fault.h \
	src/base/fd.c src/base/fd.h \
	src/base/log.c src/base/log.h \
	src/base/map.c src/base/map.h \
	src/base/rng.c src/base/rng.h \
	src/base/scan.c src/base/scan.h \
	src/base/str.c src/base/str.h \
	src/base/utf8.c src/base/utf8.h \
	src/base/vec.c src/base/vec.h
BASE_LIBS = src/base/libbase.a
