check_PROGRAMS += t/unit/cdp/test_conn t/unit/cdp/test_browser
t_unit_cdp_test_conn_SOURCES = t/unit/cdp/test_conn.c
t_unit_cdp_test_conn_LDADD = $(CDP_LIBS) $(NET_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
t_unit_cdp_test_browser_SOURCES = t/unit/cdp/test_browser.c t/unit/cdp/chromium.h
t_unit_cdp_test_browser_LDADD = $(CDP_LIBS) $(NET_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
check_PROGRAMS += t/unit/cdp/test_page
t_unit_cdp_test_page_SOURCES = t/unit/cdp/test_page.c t/unit/cdp/chromium.h t/unit/cdp/site.h
t_unit_cdp_test_page_LDADD = $(CDP_LIBS) $(NET_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
