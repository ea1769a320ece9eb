check_PROGRAMS += t/unit/crypto/test_digest
t_unit_crypto_test_digest_SOURCES = t/unit/crypto/test_digest.c
t_unit_crypto_test_digest_LDADD = $(CRYPTO_LIBS) $(BASE_LIBS) -lm
check_PROGRAMS += t/unit/crypto/test_token
t_unit_crypto_test_token_SOURCES = t/unit/crypto/test_token.c
t_unit_crypto_test_token_LDADD = $(CRYPTO_LIBS) $(BASE_LIBS) -lm
