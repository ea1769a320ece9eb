#include "base/first.h"
#include "api/recipes.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/map.h"
#include "base/vec.h"
#include "extract/yaml.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#define LOOK_EVERY (2 * USEC_PER_SEC)
#define DIRS_MAX 100

struct recipe_files {
	struct arena arena; /* of what was read */
	usec_t looked;      /* monotonic */
	uint64_t signature; /* of names, sizes and times; 0: nothing read yet */
	VEC(struct recipe) recipes;
};

struct walk {
	struct arena *arena;
	VEC(struct str) dirs;  /* still to be read */
	VEC(struct str) files;
	uint64_t signature;
};

struct recipe_files *recipe_files_new(void)
{
	struct recipe_files *f = xcalloc(1, sizeof *f);
	arena_init(&f->arena, 0);
	return f;
}

void recipe_files_free(struct recipe_files *f)
{
	if (!f)
		return;
	vec_release(&f->recipes);
	arena_release(&f->arena);
	free(f);
}

static void mix(struct walk *w, uint64_t v)
{
	w->signature = (w->signature ^ v) * UINT64_C(0x100000001b3);
}

static bool is_recipe_name(struct str name)
{
	return str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml")) || str_ends(name, STR(".json"));
}

static void see(struct walk *w, struct str dir, const char *name)
{
	struct stat st;
	struct str path = arena_printf(w->arena, "%.*s/%s", STR_FMT(dir), name);
	if (name[0] == '.' || stat(path.p, &st) < 0)
		return;
	if (S_ISDIR(st.st_mode) && w->dirs.n < DIRS_MAX) {
		vec_push(w->arena, &w->dirs, path);
	} else if (S_ISREG(st.st_mode) && is_recipe_name(path) && w->files.n < RECIPE_FILES_MAX) {
		vec_push(w->arena, &w->files, path);
		mix(w, hash_bytes(path));
		mix(w, (uint64_t)st.st_size);
		mix(w, (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec);
	}
}

static int by_path(const void *l, const void *r)
{
	return str_cmp(*(const struct str *)l, *(const struct str *)r);
}

/* Breadth first; names are sorted, so that the order does not hang on the file system. */
static void walk(struct walk *w, struct str dir)
{
	w->signature = UINT64_C(0xcbf29ce484222325);
	vec_push(w->arena, &w->dirs, dir);
	for (size_t i = 0; i < w->dirs.n; i++) {
		struct str at = w->dirs.at[i];
		size_t from = w->files.n;
		DIR *d = opendir(at.p);
		for (struct dirent *e; d && (e = readdir(d));)
			see(w, at, e->d_name);
		if (d)
			closedir(d);
		qsort(w->files.at + from, w->files.n - from, sizeof *w->files.at, by_path);
	}
}

static int read_one(struct recipe_files *f, struct str path, struct err *e)
{
	struct buf text;
	const struct json *v;
	struct recipe r;
	buf_init(&text, &f->arena, YAML_BYTES_MAX);
	int err = fd_read_file(path.p, YAML_BYTES_MAX, &text, e);
	if (err == 0 && str_ends(path, STR(".json")))
		err = json_parse(&f->arena, buf_str(&text), NULL, &v, e);
	else if (err == 0)
		err = yaml_parse(&f->arena, buf_str(&text), &v, e);
	if (err < 0)
		return err;
	struct issues *is = arena_alloc(&f->arena, sizeof *is);
	issues_init(is, &f->arena);
	if (schema_check(&recipe_s, v, is) < 0)
		return err_set(e, E_INVALID, "%.*s (and %zu more)", STR_FMT(is->at[0].message), is->n - 1);
	err = recipe_make(&f->arena, schema_normal(&recipe_s, v, &f->arena), RECIPE_FILE, &r, e);
	if (err == 0)
		vec_push(NULL, &f->recipes, r);
	return err;
}

static void read_all(struct recipe_files *f, const struct walk *w)
{
	arena_reset(&f->arena);
	f->recipes.n = 0;
	for (size_t i = 0; i < w->files.n; i++) {
		struct err e = { 0 };
		if (read_one(f, w->files.at[i], &e) < 0)
			log_at(LOG_WARN, "recipe file is skipped", L_STR("file", w->files.at[i]),
				L_CSTR("why", e.words));
	}
	log_at(LOG_INFO, "recipes read", L_INT("files", w->files.n), L_INT("recipes", f->recipes.n));
}

void recipe_files_look(struct recipe_files *f, struct str dir, const struct recipe **ret, size_t *ret_n)
{
	usec_t now = clock_mono();
	if (dir.n && (!f->looked || now - f->looked >= LOOK_EVERY)) {
		struct arena scratch;
		arena_init(&scratch, 0);
		struct walk w = { .arena = &scratch };
		walk(&w, arena_str(&scratch, dir));
		if (w.signature != f->signature)
			read_all(f, &w);
		f->signature = w.signature;
		f->looked = now;
		arena_release(&scratch);
	}
	*ret = f->recipes.at;
	*ret_n = f->recipes.n;
}
