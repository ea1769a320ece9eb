# crypto: digests, tokens, passwords, sealing, signatures, TOTP, AWS request signing
noinst_LIBRARIES += src/crypto/libcrypto.a
src_crypto_libcrypto_a_SOURCES = \
	src/crypto/digest.c src/crypto/digest.h \
	src/crypto/token.c src/crypto/token.h
CRYPTO_LIBS = src/crypto/libcrypto.a $(OPENSSL_LIBS)
