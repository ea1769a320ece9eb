check_PROGRAMS += t/unit/http/test_request t/unit/http/test_reply t/unit/http/test_router t/unit/http/test_metrics \
	t/unit/http/test_pipeline t/unit/http/test_yaml t/unit/http/test_fcgi t/unit/http/test_fcgi_record
t_unit_http_test_request_SOURCES = t/unit/http/test_request.c
t_unit_http_test_request_LDADD = $(HTTP_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
t_unit_http_test_reply_SOURCES = t/unit/http/test_reply.c
t_unit_http_test_reply_LDADD = $(HTTP_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
t_unit_http_test_router_SOURCES = t/unit/http/test_router.c
t_unit_http_test_router_LDADD = $(HTTP_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
t_unit_http_test_metrics_SOURCES = t/unit/http/test_metrics.c
t_unit_http_test_metrics_LDADD = $(HTTP_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
t_unit_http_test_pipeline_SOURCES = t/unit/http/test_pipeline.c
t_unit_http_test_pipeline_LDADD = $(HTTP_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
t_unit_http_test_yaml_SOURCES = t/unit/http/test_yaml.c
t_unit_http_test_yaml_LDADD = $(HTTP_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
t_unit_http_test_fcgi_SOURCES = t/unit/http/test_fcgi.c
t_unit_http_test_fcgi_LDADD = $(HTTP_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
t_unit_http_test_fcgi_record_SOURCES = t/unit/http/test_fcgi_record.c
t_unit_http_test_fcgi_record_LDADD = $(HTTP_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
