check_PROGRAMS += t/unit/api/test_limiter
t_unit_api_test_limiter_SOURCES = t/unit/api/test_limiter.c
t_unit_api_test_limiter_LDADD = src/api/libapi.a $(NET_LIBS) $(PROC_LIBS) $(URL_LIBS) $(CRYPTO_LIBS) $(BASE_LIBS) -lm
