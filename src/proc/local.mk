# proc
noinst_LIBRARIES += src/proc/libproc.a
src_proc_libproc_a_SOURCES = \
	src/proc/confine.c src/proc/confine.h
PROC_LIBS = src/proc/libproc.a $(SECCOMP_LIBS)
