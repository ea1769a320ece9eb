check_PROGRAMS += t/unit/api/test_limiter
t_unit_api_test_limiter_SOURCES = t/unit/api/test_limiter.c
t_unit_api_test_limiter_LDADD = src/api/libapi.a $(NET_LIBS) $(PROC_LIBS) $(URL_LIBS) $(CRYPTO_LIBS) $(BASE_LIBS) -lm
check_PROGRAMS += t/unit/api/test_nginx_conf
t_unit_api_test_nginx_conf_SOURCES = t/unit/api/test_nginx_conf.c
t_unit_api_test_nginx_conf_LDADD = $(API_LIBS) $(HTTP_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
check_PROGRAMS += t/unit/api/test_bodies
t_unit_api_test_bodies_SOURCES = t/unit/api/test_bodies.c
t_unit_api_test_bodies_LDADD = $(API_LIBS) $(HTTP_LIBS) $(STORE_LIBS) $(BLOB_LIBS) $(EXTRACT_LIBS) $(NET_LIBS) $(PROC_LIBS) \
	$(HTML_LIBS) $(URL_LIBS) $(CRYPTO_LIBS) $(JSON_LIBS) $(CONF_LIBS) $(BASE_LIBS) -lm
