check_PROGRAMS += t/unit/net/test_memcached
t_unit_net_test_memcached_SOURCES = t/unit/net/test_memcached.c
t_unit_net_test_memcached_LDADD = $(NET_LIBS) $(BASE_LIBS) -lm
check_PROGRAMS += t/unit/net/test_fiber
t_unit_net_test_fiber_SOURCES = t/unit/net/test_fiber.c
t_unit_net_test_fiber_LDADD = $(NET_LIBS) $(BASE_LIBS) -lm
