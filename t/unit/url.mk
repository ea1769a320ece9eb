# unit programs of src/url
EXTRA_DIST += t/unit/url/cases.tsv
check_PROGRAMS += t/unit/url/test_parse t/unit/url/test_ip t/unit/url/test_percent
t_unit_url_test_parse_SOURCES = t/unit/url/test_parse.c
t_unit_url_test_parse_LDADD = $(URL_LIBS) $(BASE_LIBS) -lm
t_unit_url_test_ip_SOURCES = t/unit/url/test_ip.c
t_unit_url_test_ip_LDADD = $(URL_LIBS) $(BASE_LIBS) -lm
t_unit_url_test_percent_SOURCES = t/unit/url/test_percent.c
t_unit_url_test_percent_LDADD = $(URL_LIBS) $(BASE_LIBS) -lm
check_PROGRAMS += t/unit/url/test_domain
t_unit_url_test_domain_SOURCES = t/unit/url/test_domain.c
t_unit_url_test_domain_LDADD = $(URL_LIBS) $(BASE_LIBS) -lm
check_PROGRAMS += t/unit/url/test_glob
t_unit_url_test_glob_SOURCES = t/unit/url/test_glob.c
t_unit_url_test_glob_LDADD = $(URL_LIBS) $(BASE_LIBS) -lm
check_PROGRAMS += t/unit/url/test_canon
t_unit_url_test_canon_SOURCES = t/unit/url/test_canon.c
t_unit_url_test_canon_LDADD = $(URL_LIBS) $(BASE_LIBS) -lm
