# What `make install` puts beside the programs: nginx' files, units of systemd, the man page of the settings.
EXTRA_DIST += contrib/quickstart contrib/check contrib/packages contrib/install-packages contrib/build-gumbo contrib/format \
	contrib/clean-room contrib/bench contrib/systemd nginx docs .ci/run

nginxdir = $(pkgdatadir)/nginx
dist_nginx_DATA = \
	nginx/README.md \
	nginx/fastcgi.conf \
	nginx/host.conf.in \
	nginx/http.conf.in \
	nginx/private.conf.in \
	nginx/problems.conf \
	nginx/routes.conf \
	nginx/server.conf.in
dist_nginx_SCRIPTS = nginx/render

unitdir = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
unit_DATA = contrib/systemd/kryfto-api.service contrib/systemd/kryfto-crawler.service contrib/systemd/kryfto-egress.service \
	contrib/systemd/kryfto-stream.service
CLEANFILES += $(unit_DATA)

$(unit_DATA): contrib/local.mk
	$(AM_V_GEN)$(MKDIR_P) contrib/systemd && sed -e 's|@bindir[@]|$(bindir)|g' -e 's|@sbindir[@]|$(sbindir)|g' \
		$(top_srcdir)/$@.in >$@.tmp && mv $@.tmp $@

install-data-local:
	$(MKDIR_P) $(DESTDIR)$(sysusersdir) $(DESTDIR)$(tmpfilesdir)
	$(INSTALL_DATA) $(top_srcdir)/contrib/systemd/kryfto.sysusers $(DESTDIR)$(sysusersdir)/kryfto.conf
	$(INSTALL_DATA) $(top_srcdir)/contrib/systemd/kryfto.tmpfiles $(DESTDIR)$(tmpfilesdir)/kryfto.conf

uninstall-local:
	rm -f $(DESTDIR)$(sysusersdir)/kryfto.conf $(DESTDIR)$(tmpfilesdir)/kryfto.conf

# What is generated and committed; t/lint/drift.t fails when it is not current.
dist_man_MANS += docs/kryfto.conf.5
generated: all
	src/cmd/kryftoctl config --man >$(top_srcdir)/docs/kryfto.conf.5
	src/cmd/kryftoctl nginx-conf >$(top_srcdir)/nginx/routes.conf
	src/cmd/kryftoctl openapi >$(top_srcdir)/docs/openapi.yaml
	src/cmd/kryftoctl openapi --json >$(top_srcdir)/docs/openapi.json
	src/cmd/kryftoctl reference >$(top_srcdir)/docs/reference.md
# Built by contrib/bench/queue.
EXTRA_PROGRAMS += contrib/bench/queue_load
contrib_bench_queue_load_SOURCES = contrib/bench/queue_load.c
contrib_bench_queue_load_LDADD = $(STORE_LIBS) $(CRYPTO_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
# Load generator of contrib/bench/browser; not installed.
EXTRA_PROGRAMS += contrib/bench/browser_load
contrib_bench_browser_load_SOURCES = contrib/bench/browser_load.c
contrib_bench_browser_load_LDADD = $(CDP_LIBS) $(NET_LIBS) $(URL_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm
