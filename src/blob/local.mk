# blob: content-addressed bytes, in a local folder or in S3
noinst_LIBRARIES += src/blob/libblob.a
src_blob_libblob_a_SOURCES = \
	src/blob/blob.c src/blob/blob.h src/blob/driver.h \
	src/blob/fs.c \
	src/blob/s3.c src/blob/s3_call.c src/blob/s3_call.h
BLOB_LIBS = src/blob/libblob.a
