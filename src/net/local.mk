noinst_LIBRARIES += src/net/libnet.a
src_net_libnet_a_SOURCES = \
	src/net/dns_conf.c src/net/dns_conf.h \
	src/net/dns_msg.c src/net/dns_msg.h \
	src/net/dns_query.c src/net/dns_query.h \
	src/net/egress.c src/net/egress.h src/net/egress_impl.h src/net/egress_conn.c src/net/egress_head.c \
	src/net/egress_control.c src/net/egress_control.h src/net/egress_client.c \
	src/net/fiber.c src/net/fiber.h \
	src/net/fiber_io.c src/net/fiber_io.h \
	src/net/host.c src/net/host.h \
	src/net/http.c src/net/http.h \
	src/net/http_call.c src/net/http_call.h \
	src/net/http_easy.c \
	src/net/http_proxy.c \
	src/net/loop.c src/net/loop.h \
	src/net/memcached.c src/net/memcached.h \
	src/net/resolver.c src/net/resolver.h \
	src/net/retry.c src/net/retry.h \
	src/net/robots.c src/net/robots.h \
	src/net/robots_cache.c src/net/robots_cache.h \
	src/net/sitemap.c src/net/sitemap.h \
	src/net/verdict.c src/net/verdict.h
NET_LIBS = src/net/libnet.a $(CURL_LIBS) $(EV_LIBS) $(MEMCACHED_LIBS) $(EXPAT_LIBS) $(ZLIB_LIBS)
