MIGRATIONS = \
	$(top_srcdir)/sql/001_base.sql \
	$(top_srcdir)/sql/002_jobs.sql \
	$(top_srcdir)/sql/003_artifacts.sql \
	$(top_srcdir)/sql/004_partitions.sql \
	$(top_srcdir)/sql/005_ops.sql \
	$(top_srcdir)/sql/006_artifact_project.sql \
	$(top_srcdir)/sql/007_crawls.sql
EXTRA_DIST += $(MIGRATIONS) sql/dump.sh sql/embed.sh sql/schema.sql
CLEANFILES += src/store/migrations.c

src/store/migrations.c: $(MIGRATIONS) $(top_srcdir)/sql/embed.sh
	$(AM_V_GEN)$(MKDIR_P) src/store && $(SHELL) $(top_srcdir)/sql/embed.sh $(MIGRATIONS) >$@.tmp && mv $@.tmp $@

noinst_LIBRARIES += src/store/libstore.a
nodist_src_store_libstore_a_SOURCES = src/store/migrations.c
src_store_libstore_a_SOURCES = \
	src/store/artifacts.c src/store/artifacts.h \
	src/store/audit.c src/store/audit.h src/store/audit_sql.h \
	src/store/bind.c \
	src/store/check.c src/store/check.h \
	src/store/conn.h \
	src/store/crawls.c src/store/crawls.h \
	src/store/db.c src/store/db.h \
	src/store/finish.c \
	src/store/frontier.c src/store/frontier.h \
	src/store/jobs.c src/store/jobs.h \
	src/store/limits.c src/store/limits.h \
	src/store/logs.c src/store/logs.h \
	src/store/migrate.c src/store/migrate.h \
	src/store/pipe.c \
	src/store/projects.c src/store/projects.h \
	src/store/queue.c src/store/queue.h \
	src/store/reap.c \
	src/store/row.c \
	src/store/stats.c src/store/stats.h \
	src/store/statements.def src/store/stmt.h \
	src/store/tokens.c src/store/tokens.h \
	src/store/upkeep.c src/store/upkeep.h \
	src/store/watch.c src/store/watch.h
STORE_LIBS = src/store/libstore.a $(LIBPQ_LIBS)

# Renews sql/schema.sql from a private database.
schema: src/cmd/kryftoctl
	KRYFTO_WRITE_SCHEMA=1 srcdir=$(srcdir) builddir=$(builddir) perl -I$(srcdir)/t/lib $(srcdir)/t/it/migrate.t >/dev/null
