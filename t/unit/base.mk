check_PROGRAMS += t/unit/base/test_clock
t_unit_base_test_clock_SOURCES = t/unit/base/test_clock.c
t_unit_base_test_clock_LDADD = $(BASE_LIBS) -lm
