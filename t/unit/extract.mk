check_PROGRAMS += t/unit/extract/test_isolate
t_unit_extract_test_isolate_SOURCES = t/unit/extract/test_isolate.c
t_unit_extract_test_isolate_LDADD = $(EXTRACT_LIBS) $(PROC_LIBS) $(BASE_LIBS)
