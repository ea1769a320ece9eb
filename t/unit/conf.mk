check_PROGRAMS += t/unit/conf/test_conf
t_unit_conf_test_conf_SOURCES = t/unit/conf/test_conf.c
t_unit_conf_test_conf_LDADD = $(CONF_LIBS) $(BASE_LIBS) -lm
