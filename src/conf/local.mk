noinst_LIBRARIES += src/conf/libconf.a
src_conf_libconf_a_SOURCES = src/conf/conf.c src/conf/conf.h src/conf/settings.def
CONF_LIBS = src/conf/libconf.a
