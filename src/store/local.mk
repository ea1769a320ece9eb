# store: filled in as its parts land; the headers are the contract.
EXTRA_DIST += \
	src/store/artifacts.h src/store/audit.h src/store/check.h src/store/db.h src/store/jobs.h src/store/limits.h \
	src/store/logs.h src/store/migrate.h src/store/projects.h src/store/queue.h src/store/tokens.h src/store/upkeep.h
