/*
 * The yardstick of contrib/bench/api: the least that a prefork FastCGI responder with Postgres can be.
 * One prepared SELECT a request, no authentication, no limits, no validation, no log.
 *
 * usage: bare SOCKET WORKERS PGURI
 */
#include <fcgiapp.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char select_job[] =
	"SELECT id, project_id, state, url, request_id, attempts, max_attempts, created_at, updated_at, result_summary"
	" FROM kryfto.job WHERE id = $1::uuid";

static PGconn *open_db(const char *uri)
{
	PGconn *c = PQconnectdb(uri);
	PGresult *r = PQstatus(c) == CONNECTION_OK ? PQprepare(c, "job", select_job, 1, NULL) : NULL;
	if (PQresultStatus(r) != PGRES_COMMAND_OK) {
		fprintf(stderr, "bare: %s", PQerrorMessage(c));
		exit(1);
	}
	PQclear(r);
	return c;
}

static void answer(FCGX_Request *q, PGconn *c)
{
	const char *uri = FCGX_GetParam("REQUEST_URI", q->envp);
	const char *id = uri ? strrchr(uri, '/') : NULL;
	const char *const values[] = { id ? id + 1 : "" };
	PGresult *r = PQexecPrepared(c, "job", 1, values, NULL, NULL, 0);
	if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1) {
		FCGX_FPrintF(q->out, "Status: 404 Not Found\r\nContent-Type: application/json\r\n\r\n{}");
	} else {
		char body[4096];
		int n = snprintf(body, sizeof body,
			"{\"id\":\"%s\",\"projectId\":\"%s\",\"state\":\"%s\",\"url\":\"%s\",\"requestId\":\"%s\","
			"\"attempts\":%s,"
			"\"maxAttempts\":%s,\"createdAt\":\"%s\",\"updatedAt\":\"%s\",\"resultSummary\":%s}",
			PQgetvalue(r, 0, 0), PQgetvalue(r, 0, 1), PQgetvalue(r, 0, 2), PQgetvalue(r, 0, 3),
			PQgetvalue(r, 0, 4), PQgetvalue(r, 0, 5), PQgetvalue(r, 0, 6), PQgetvalue(r, 0, 7),
			PQgetvalue(r, 0, 8), PQgetisnull(r, 0, 9) ? "null" : PQgetvalue(r, 0, 9));
		FCGX_FPrintF(q->out, "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n", n);
		FCGX_PutStr(body, n, q->out);
	}
	PQclear(r);
}

static void serve(int listener, const char *uri)
{
	PGconn *c = open_db(uri);
	FCGX_Request q;
	FCGX_InitRequest(&q, listener, 0);
	signal(SIGTERM, SIG_DFL);
	while (FCGX_Accept_r(&q) == 0) {
		answer(&q, c);
		FCGX_Finish_r(&q);
	}
	exit(0);
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: bare SOCKET WORKERS PGURI\n");
		return 2;
	}
	FCGX_Init();
	umask(0);
	int listener = FCGX_OpenSocket(argv[1], 511);
	if (listener < 0)
		return 1;
	/* Ends its workers with itself: they share the process group. */
	setpgid(0, 0);
	signal(SIGTERM, SIG_DFL);
	for (long n = strtol(argv[2], NULL, 10); n > 0; n--)
		if (fork() == 0)
			serve(listener, argv[3]);
	while (wait(NULL) > 0)
		;
	return 0;
}
