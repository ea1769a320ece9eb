/*
 * Runs a fuzz target over files without libFuzzer: `replay_<name> [--mutate N] FILE…`. With --mutate each file is
 * also tried in N changed forms, the same ones every time, so that the suite looks a little beyond its corpus.
 */
#include "base/first.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

#define FILE_MAX (4 * MiB)

static uint64_t state;

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* An input of its own, exactly as large as it says, so that a sanitizer sees the first byte too far. */
static void run_once(const char *p, size_t n)
{
	uint8_t *copy = xmalloc(n);
	memcpy(copy, p, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static size_t mutate(char *p, size_t n)
{
	static const char odd[] = "\0\xff\x80<>&'\"{}[]()/\\:;%#\n 0-9";
	for (uint64_t k = next_random() % 6 + 1; k && n; k--) {
		size_t at = next_random() % n, len = next_random() % (MIN(n - at, (size_t)15) + 1);
		switch (next_random() % 5) {
		case 0: p[at] = (char)next_random(); break;
		case 1: p[at] = odd[next_random() % (sizeof odd - 1)]; break;
		case 2: n = at; break;
		case 3: memmove(p + at, p + at + len, n - at - len), n -= len; break;
		case 4: memmove(p + next_random() % (n - len + 1), p + at, len); break;
		}
	}
	return n;
}

static void replay(const char *path, int64_t mutations)
{
	struct buf file;
	struct err e;
	buf_init(&file, NULL, FILE_MAX);
	if (fd_read_file(path, FILE_MAX, &file, &e) < 0)
		die("%s", e.words);
	run_once(file.p, file.n);
	char *changed = xmalloc(file.n);
	state = 0x9e3779b97f4a7c15u + file.n;
	for (int64_t i = 0; i < mutations; i++) {
		memcpy(changed, file.p ? file.p : "", file.n);
		run_once(changed, mutate(changed, file.n));
	}
	free(changed);
	buf_release(&file);
}

int main(int argc, char **argv)
{
	int64_t mutations = 0;
	int first = 1;
	if (argc > 2 && strcmp(argv[1], "--mutate") == 0 && scan_i64(str_of(argv[2]), &mutations) == 0)
		first = 3;
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = first; i < argc; i++)
		replay(argv[i], mutations);
	printf("%d files, %" PRId64 " mutations each\n", argc - first, mutations);
	return 0;
}
