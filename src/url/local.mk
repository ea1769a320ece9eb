# url: URL Standard, IP addresses, domains, keys, globs
noinst_LIBRARIES += src/url/liburl.a
src_url_liburl_a_SOURCES = \
	src/url/canon.c src/url/canon.h \
	src/url/domain.c src/url/domain.h \
	src/url/glob.c src/url/glob.h src/url/glob_braces.c src/url/glob_parts.h \
	src/url/host.c src/url/host.h \
	src/url/idna.c src/url/idna.h \
	src/url/idna_data.c src/url/idna_data.h src/url/idna_tables.inc \
	src/url/ip.c src/url/ip_class.c src/url/ip.h \
	src/url/parse.c \
	src/url/percent.c src/url/percent.h \
	src/url/punycode.c \
	src/url/url.c src/url/url.h
URL_LIBS = src/url/liburl.a $(PSL_LIBS)
