/*
 * Sitemaps (sitemaps.org protocol 0.9): urlset and index, plain text lists, RSS 2.0 and Atom feeds, any of them
 * gzip-compressed. Streaming: bytes are pushed as they arrive, entries come out of a callback.
 */
#ifndef KRYFTO_NET_SITEMAP_H
#define KRYFTO_NET_SITEMAP_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"

#define SITEMAP_BYTES_MAX (50 * MiB) /* uncompressed, as the protocol says */
#define SITEMAP_URLS_MAX 50000
#define SITEMAP_LOC_MAX 2048
#define SITEMAP_RATIO_MAX 200 /* uncompressed to compressed, once a MiB has come out */

struct sitemap_entry {
	struct str loc;     /* trimmed, entities resolved; not yet parsed as a URL */
	bool is_sitemap;    /* another sitemap (from an index), not a page */
	usec_t lastmod;     /* 0: not given */
	double priority;    /* -1: not given */
	struct str changefreq; /* p is NULL when not given */
};

struct sitemap;
/* `fn` is called for each entry, which lives until it returns; non-zero from it stops the parse with that code. */
struct sitemap *sitemap_new(int (*fn)(void *arg, const struct sitemap_entry *entry), void *arg);
/* 0, E_LIMIT (past a maximum; entries until then stand), E_INVALID (broken XML or gzip), or what `fn` returned. */
int sitemap_push(struct sitemap *s, const void *p, size_t n, struct err *e);
/* Ends the document; E_INVALID when it was cut short or is no sitemap. */
int sitemap_end(struct sitemap *s, struct err *e);
void sitemap_free(struct sitemap *s); /* NULL is fine */

enum sitemap_kind { SITEMAP_UNKNOWN, SITEMAP_URLSET, SITEMAP_INDEX, SITEMAP_TEXT, SITEMAP_RSS, SITEMAP_ATOM };
enum sitemap_kind sitemap_kind(const struct sitemap *s);
size_t sitemap_count(const struct sitemap *s);

#endif
