#include "base/first.h"
#include "api/recipes.h"
#include "api/session.h"
#include "base/map.h"
#include "store/recipes.h"
#include "url/glob.h"

#define ROWS_FRESH (2 * USEC_PER_SEC)
#define ROWS_MAX 10000
#define PROJECTS_KEPT 8

/* The rows of one project as this worker last read them. */
struct shelf {
	struct arena arena;
	struct str project;
	usec_t read;        /* monotonic; 0: free */
	int64_t generation; /* of the shared counter, at that time */
	struct recipe *at;
	size_t n;
};

struct recipe_book {
	struct arena arena; /* of the built-in ones */
	struct recipe *builtin;
	size_t n_builtin;
	struct recipe_files *files;
	struct shelf shelves[PROJECTS_KEPT];
	unsigned next;      /* shelf to be given away */
};

int recipe_make(struct arena *a, const struct json *def, enum recipe_origin origin, struct recipe *ret, struct err *e)
{
	const struct json *patterns = json_get(json_get(def, "match"), "patterns");
	struct recipe r = { .id = json_str(json_get(def, "id"), STR("")), .origin = origin, .def = def };
	r.n_patterns = patterns ? patterns->n : 0;
	r.patterns = arena_array(a, struct glob *, r.n_patterns);
	for (size_t i = 0; i < r.n_patterns; i++) {
		int err = glob_compile(a, patterns->items[i]->s, &r.patterns[i], e);
		if (err < 0)
			return err;
	}
	*ret = r;
	return 0;
}

static struct recipe_book *book_new(void)
{
	struct recipe_book *b = xcalloc(1, sizeof *b);
	arena_init(&b->arena, 0);
	b->files = recipe_files_new();
	while (recipes_builtin[b->n_builtin])
		b->n_builtin++;
	b->builtin = arena_array(&b->arena, struct recipe, b->n_builtin);
	for (size_t i = 0; i < b->n_builtin; i++) {
		const struct json *v;
		if (json_parse(&b->arena, str_of(recipes_builtin[i]), NULL, &v, NULL) < 0 ||
			recipe_make(&b->arena, schema_normal(&recipe_s, v, &b->arena), RECIPE_BUILTIN, &b->builtin[i],
				NULL) < 0)
			die("built-in recipe %zu is none", i);
	}
	for (size_t i = 0; i < PROJECTS_KEPT; i++)
		arena_init(&b->shelves[i].arena, 0);
	return b;
}

static void book_free(struct recipe_book *b)
{
	for (size_t i = 0; i < PROJECTS_KEPT; i++)
		arena_release(&b->shelves[i].arena);
	recipe_files_free(b->files);
	arena_release(&b->arena);
	free(b);
}

void recipes_close(struct app *app)
{
	if (app->recipes)
		book_free(app->recipes);
	app->recipes = NULL;
}

static struct shelf *shelf_of(struct recipe_book *b, struct str project)
{
	for (size_t i = 0; i < PROJECTS_KEPT; i++)
		if (b->shelves[i].read && str_eq(b->shelves[i].project, project))
			return &b->shelves[i];
	return &b->shelves[b->next++ % PROJECTS_KEPT];
}

/* Rows were checked when they were written; one that no longer passes (by an older version) is left out. */
static void take_row(struct shelf *s, const struct recipe_row *row)
{
	const struct json *v;
	struct issues *is = arena_alloc(&s->arena, sizeof *is);
	issues_init(is, &s->arena);
	if (json_parse(&s->arena, row->definition, NULL, &v, NULL) == 0 && schema_check(&recipe_s, v, is) == 0 &&
		recipe_make(&s->arena, schema_normal(&recipe_s, v, &s->arena), RECIPE_ROW, &s->at[s->n], NULL) == 0)
		s->n++;
}

static int read_rows(struct call *c, struct shelf *s, struct str project)
{
	struct recipe_row *rows;
	size_t n;
	int64_t generation = c->app->shared->recipes_generation;
	s->read = 0;
	arena_reset(&s->arena);
	int err = recipe_list(c->app->db, &s->arena, project, ROWS_MAX, &rows, &n, &c->err);
	if (err < 0)
		return err;
	s->project = arena_str(&s->arena, project);
	s->generation = generation;
	s->at = arena_array(&s->arena, struct recipe, n);
	s->n = 0;
	for (size_t i = 0; i < n; i++)
		take_row(s, &rows[i]);
	s->read = clock_mono();
	return 0;
}

static void put(struct recipe_list *l, struct map *places, const struct recipe *r)
{
	size_t place = (size_t)(uintptr_t)map_get(places, r->id);
	if (place) {
		l->at[place - 1] = r;
		return;
	}
	l->at[l->n++] = r;
	map_set(places, r->id, (void *)(uintptr_t)l->n);
}

int recipes_of(struct call *c, struct recipe_list *ret)
{
	struct app *app = c->app;
	if (!app->recipes)
		app->recipes = book_new();
	struct recipe_book *b = app->recipes;
	struct shelf *s = shelf_of(b, c->who->project);
	bool fresh = s->read && str_eq(s->project, c->who->project) && clock_mono() - s->read < ROWS_FRESH &&
		s->generation == app->shared->recipes_generation;
	int err = fresh ? 0 : read_rows(c, s, c->who->project);
	if (err < 0)
		return err;
	const struct recipe *files;
	size_t n_files;
	recipe_files_look(b->files, app->conf->recipes_dir, &files, &n_files);
	struct map places;
	struct recipe_list l = { .at = arena_array(c->arena, const struct recipe *, b->n_builtin + n_files + s->n) };
	map_init(&places, c->arena);
	for (size_t i = 0; i < b->n_builtin; i++)
		put(&l, &places, &b->builtin[i]);
	for (size_t i = 0; i < n_files; i++)
		put(&l, &places, &files[i]);
	for (size_t i = 0; i < s->n; i++)
		put(&l, &places, &s->at[i]);
	*ret = l;
	return 0;
}

const struct recipe *recipes_find(const struct recipe_list *l, struct str id)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->at[i]->id, id))
			return l->at[i];
	return NULL;
}

const struct recipe *recipes_match(struct arena *a, const struct recipe_list *l, struct str text)
{
	struct url u;
	if (url_parse(a, text, NULL, &u, NULL) < 0)
		return NULL;
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < l->at[i]->n_patterns; k++)
			if (glob_match_recipe(a, l->at[i]->patterns[k], &u))
				return l->at[i];
	return NULL;
}

void recipes_changed(struct call *c)
{
	c->app->shared->recipes_generation++;
}
