check_PROGRAMS += t/unit/json/test_value t/unit/json/test_schema
t_unit_json_test_value_SOURCES = t/unit/json/test_value.c
t_unit_json_test_value_LDADD = $(JSON_LIBS) $(BASE_LIBS) -lm
t_unit_json_test_schema_SOURCES = t/unit/json/test_schema.c
t_unit_json_test_schema_LDADD = $(JSON_LIBS) $(BASE_LIBS) -lm
