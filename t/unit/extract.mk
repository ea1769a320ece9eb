check_PROGRAMS += t/unit/extract/test_isolate
t_unit_extract_test_isolate_SOURCES = t/unit/extract/test_isolate.c
t_unit_extract_test_isolate_LDADD = $(EXTRACT_LIBS) $(PROC_LIBS) $(BASE_LIBS)
check_PROGRAMS += t/unit/extract/test_jsonschema
t_unit_extract_test_jsonschema_SOURCES = t/unit/extract/test_jsonschema.c
t_unit_extract_test_jsonschema_LDADD = $(EXTRACT_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
