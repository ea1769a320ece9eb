check_PROGRAMS += t/unit/proc/test_master
t_unit_proc_test_master_SOURCES = t/unit/proc/test_master.c
t_unit_proc_test_master_LDADD = $(PROC_LIBS) $(BASE_LIBS) -lm
check_PROGRAMS += t/unit/proc/test_parts
t_unit_proc_test_parts_SOURCES = t/unit/proc/test_parts.c
t_unit_proc_test_parts_LDADD = $(PROC_LIBS) $(BASE_LIBS) -lm
