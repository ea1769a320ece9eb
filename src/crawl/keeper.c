#include "base/first.h"
#include "crawl/keeper.h"

#include <pthread.h>
#include <signal.h>

#define BATCH_DOCS 64 /* documents of one put; one request may be larger */

struct request {
	struct document *docs;
	size_t n;
	void (*done)(void *arg, int rc, const struct err *e);
	void *arg;
	int rc;
	struct err e;
	struct request *next;
};

struct line {
	struct request *first, **last;
};

struct keeper {
	struct loop_wake *wake;
	size_t pending; /* loop's side only */
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct line todo, finished; /* under the lock */
	bool stop;                  /* under the lock */
	pthread_t *threads;
	struct blob_store **stores; /* one a thread */
	int threads_n;
};

struct thread_arg {
	struct keeper *k;
	struct blob_store *store;
};

static void push(struct line *l, struct request *r)
{
	r->next = NULL;
	*l->last = r;
	l->last = &r->next;
}

static struct request *pop(struct line *l)
{
	struct request *r = l->first;
	if (r) {
		l->first = r->next;
		if (!l->first)
			l->last = &l->first;
	}
	return r;
}

static int put(struct blob_store *store, struct request *r)
{
	struct str *data = xcalloc(r->n + 1, sizeof *data);
	struct blob_info *info = xcalloc(r->n + 1, sizeof *info);
	for (size_t i = 0; i < r->n; i++)
		data[i] = r->docs[i].bytes;
	r->rc = blob_put_many(store, data, r->n, info, &r->e);
	for (size_t i = 0; i < r->n && !r->rc; i++)
		memcpy(r->docs[i].sha256, info[i].sha256, sizeof r->docs[i].sha256);
	free(data);
	free(info);
	return r->rc;
}

/* One put for several requests; when it fails, each for itself, so that one bad document harms its job alone. */
static void put_all(struct blob_store *store, struct request **at, size_t n)
{
	struct request all = { 0 };
	struct document docs[BATCH_DOCS];
	size_t k = 0;
	if (n > 1) {
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < at[i]->n; j++)
				docs[all.n++] = at[i]->docs[j];
		all.docs = docs;
		if (put(store, &all) == 0) {
			for (size_t i = 0; i < n; i++)
				for (size_t j = 0; j < at[i]->n; j++)
					memcpy(at[i]->docs[j].sha256, docs[k++].sha256, sizeof docs->sha256);
			return;
		}
	}
	for (size_t i = 0; i < n; i++)
		put(store, at[i]);
}

static void *serve(void *arg)
{
	struct thread_arg t = *(struct thread_arg *)arg;
	struct keeper *k = t.k;
	free(arg);
	pthread_mutex_lock(&k->lock);
	for (;;) {
		struct request *batch[BATCH_DOCS];
		size_t n = 0, docs = 0;
		while (!k->todo.first && !k->stop)
			pthread_cond_wait(&k->work, &k->lock);
		if (!k->todo.first)
			break;
		while (n < ARRAY_LEN(batch) && k->todo.first && (!n || docs + k->todo.first->n <= BATCH_DOCS)) {
			batch[n] = pop(&k->todo);
			docs += batch[n++]->n;
		}
		pthread_mutex_unlock(&k->lock);
		put_all(t.store, batch, n);
		pthread_mutex_lock(&k->lock);
		for (size_t i = 0; i < n; i++)
			push(&k->finished, batch[i]);
		loop_wake(k->wake);
	}
	pthread_mutex_unlock(&k->lock);
	return NULL;
}

static void deliver(void *arg)
{
	struct keeper *k = arg;
	for (;;) {
		pthread_mutex_lock(&k->lock);
		struct request *r = pop(&k->finished);
		pthread_mutex_unlock(&k->lock);
		if (!r)
			return;
		k->pending--;
		r->done(r->arg, r->rc, &r->e);
		free(r);
	}
}

static int start_threads(struct keeper *k, struct err *e)
{
	sigset_t all, old;
	int rc = 0;
	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (int n = k->threads_n, i = k->threads_n = 0; i < n && !rc; i++) {
		struct thread_arg *t = xmalloc(sizeof *t);
		*t = (struct thread_arg){ .k = k, .store = k->stores[i] };
		rc = pthread_create(&k->threads[i], NULL, serve, t);
		if (rc)
			free(t);
		else
			k->threads_n++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc ? err_set(e, E_IO, "cannot start a thread: %s", strerror(rc)) : 0;
}

int keeper_new(struct loop *l, const struct blob_config *cfg, int threads, struct keeper **ret, struct err *e)
{
	struct keeper *k = xcalloc(1, sizeof *k);
	int rc = 0, opened = 0;
	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->work, NULL);
	k->todo.last = &k->todo.first;
	k->finished.last = &k->finished.first;
	k->threads = xcalloc((size_t)threads, sizeof *k->threads);
	k->stores = xcalloc((size_t)threads + 1, sizeof(struct blob_store *));
	k->wake = loop_wake_new(l, deliver, k);
	while (opened < threads && !rc)
		if ((rc = blob_open(cfg, &k->stores[opened], e)) == 0)
			opened++;
	k->threads_n = threads;
	if (!rc)
		rc = start_threads(k, e);
	else
		k->threads_n = 0;
	if (rc) {
		keeper_free(k);
		return rc;
	}
	*ret = k;
	return 0;
}

void keeper_free(struct keeper *k)
{
	if (!k)
		return;
	struct request *r;
	pthread_mutex_lock(&k->lock);
	k->stop = true;
	while ((r = pop(&k->todo)))
		free(r);
	pthread_cond_broadcast(&k->work);
	pthread_mutex_unlock(&k->lock);
	for (int i = 0; i < k->threads_n; i++)
		pthread_join(k->threads[i], NULL);
	while ((r = pop(&k->finished)))
		free(r);
	for (int i = 0; k->stores[i]; i++)
		blob_close(k->stores[i]);
	loop_wake_free(k->wake);
	pthread_cond_destroy(&k->work);
	pthread_mutex_destroy(&k->lock);
	free(k->threads);
	free(k->stores);
	free(k);
}

void keeper_submit(struct keeper *k, struct document *docs, size_t n,
	void (*done)(void *arg, int rc, const struct err *e), void *arg)
{
	struct request *r = xcalloc(1, sizeof *r);
	*r = (struct request){ .docs = docs, .n = n, .done = done, .arg = arg };
	k->pending++;
	pthread_mutex_lock(&k->lock);
	push(&k->todo, r);
	pthread_cond_signal(&k->work);
	pthread_mutex_unlock(&k->lock);
}

size_t keeper_pending(const struct keeper *k)
{
	return k->pending;
}
