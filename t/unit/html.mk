HTML_TEST_LIBS = $(HTML_LIBS) $(URL_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
check_PROGRAMS += t/unit/html/test_dom t/unit/html/test_text
t_unit_html_test_dom_SOURCES = t/unit/html/test_dom.c
t_unit_html_test_dom_LDADD = $(HTML_TEST_LIBS)
t_unit_html_test_text_SOURCES = t/unit/html/test_text.c
t_unit_html_test_text_LDADD = $(HTML_TEST_LIBS)
