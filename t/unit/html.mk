check_PROGRAMS += t/unit/html/test_dom
t_unit_html_test_dom_SOURCES = t/unit/html/test_dom.c
t_unit_html_test_dom_LDADD = $(HTML_LIBS) $(URL_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
