# The programs. Each lists its own sources; what all of them link comes from the folders, in reverse order of layers.
bin_PROGRAMS += src/cmd/kryftoctl
src_cmd_kryftoctl_SOURCES = \
	src/cmd/kryftoctl.c src/cmd/ctl.h \
	src/cmd/ctl_jobs.c \
	src/cmd/ctl_lib.c \
	src/cmd/ctl_migrate.c \
	src/cmd/ctl_queue.c \
	src/cmd/ctl_token.c
src_cmd_kryftoctl_LDADD = $(STORE_LIBS) $(CRYPTO_LIBS) $(JSON_LIBS) $(CONF_LIBS) $(BASE_LIBS) -lm
