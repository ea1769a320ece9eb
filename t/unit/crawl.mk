CRAWL_TEST_LIBS = $(CRAWL_LIBS) $(STORE_LIBS) $(BLOB_LIBS) $(CDP_LIBS) $(EXTRACT_LIBS) $(NET_LIBS) $(PROC_LIBS) $(HTML_LIBS) \
	$(URL_LIBS) $(CRYPTO_LIBS) $(JSON_LIBS) $(CONF_LIBS) $(BASE_LIBS) -lm -lpthread
check_PROGRAMS += t/unit/crawl/test_product
t_unit_crawl_test_product_SOURCES = t/unit/crawl/test_product.c
t_unit_crawl_test_product_LDADD = $(CRAWL_TEST_LIBS)
check_PROGRAMS += t/unit/crawl/test_page
t_unit_crawl_test_page_SOURCES = t/unit/crawl/test_page.c
t_unit_crawl_test_page_LDADD = $(CRAWL_TEST_LIBS)
check_PROGRAMS += t/unit/crawl/test_task
t_unit_crawl_test_task_SOURCES = t/unit/crawl/test_task.c
t_unit_crawl_test_task_LDADD = $(CRAWL_TEST_LIBS)
check_PROGRAMS += t/unit/crawl/test_keeper
t_unit_crawl_test_keeper_SOURCES = t/unit/crawl/test_keeper.c
t_unit_crawl_test_keeper_LDADD = $(CRAWL_TEST_LIBS)
check_PROGRAMS += t/unit/crawl/test_shell
t_unit_crawl_test_shell_SOURCES = t/unit/crawl/test_shell.c
t_unit_crawl_test_shell_LDADD = $(CRAWL_LIBS) $(BASE_LIBS) -lm
