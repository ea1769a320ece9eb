noinst_LIBRARIES += src/net/libnet.a
src_net_libnet_a_SOURCES = \
	src/net/memcached.c src/net/memcached.h
NET_LIBS = src/net/libnet.a $(CURL_LIBS) $(EV_LIBS) $(MEMCACHED_LIBS) $(EXPAT_LIBS) $(ZLIB_LIBS)
