# crypto: digests, tokens, passwords, sealing, signatures, TOTP, AWS request signing
noinst_LIBRARIES += src/crypto/libcrypto.a
src_crypto_libcrypto_a_SOURCES = \
	src/crypto/digest.c src/crypto/digest.h \
	src/crypto/password.c src/crypto/password.h \
	src/crypto/seal.c src/crypto/seal.h \
	src/crypto/sign.c src/crypto/sign.h \
	src/crypto/sigv4.c src/crypto/sigv4.h \
	src/crypto/token.c src/crypto/token.h \
	src/crypto/totp.c src/crypto/totp.h
CRYPTO_LIBS = src/crypto/libcrypto.a $(OPENSSL_LIBS)
