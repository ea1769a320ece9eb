# proc
noinst_LIBRARIES += src/proc/libproc.a
src_proc_libproc_a_SOURCES = \
	src/proc/children.c src/proc/children.h \
	src/proc/confine.c src/proc/confine.h \
	src/proc/master.c src/proc/master.h \
	src/proc/notify.c src/proc/notify.h \
	src/proc/responder.c src/proc/responder.h \
	src/proc/scoreboard.c src/proc/scoreboard.h \
	src/proc/shm.c src/proc/shm.h \
	src/proc/user.c src/proc/user.h
PROC_LIBS = src/proc/libproc.a $(SECCOMP_LIBS)
