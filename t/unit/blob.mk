# unit programs of src/blob
BLOB_TEST_LIBS = $(BLOB_LIBS) $(NET_LIBS) $(CRYPTO_LIBS) $(URL_LIBS) $(BASE_LIBS) -lm
check_PROGRAMS += t/unit/blob/test_fs
t_unit_blob_test_fs_SOURCES = t/unit/blob/test_fs.c
t_unit_blob_test_fs_LDADD = $(BLOB_TEST_LIBS)
EXTRA_DIST += t/unit/blob/s3-fake
check_PROGRAMS += t/unit/blob/test_s3
t_unit_blob_test_s3_SOURCES = t/unit/blob/test_s3.c
t_unit_blob_test_s3_LDADD = $(BLOB_TEST_LIBS)
