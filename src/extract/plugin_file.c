#include "base/first.h"
#include "extract/plugin_file.h"

#include "base/fd.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct str without_suffix(struct str name)
{
	return str_ends(name, STR(".lua")) ? str_sub(name, 0, name.n - 4) : name;
}

bool plugin_name_ok(struct str name)
{
	name = without_suffix(name);
	if (!name.n || name.n > PLUGIN_NAME_MAX || name.p[0] == '-')
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!is_alnum(name.p[i]) && name.p[i] != '_' && name.p[i] != '-')
			return false;
	return true;
}

static int read_all(int fd, size_t size, struct arena *a, struct str *ret, struct err *e)
{
	char *p = arena_alloc(a, size + 1);
	if (fd_read_all(fd, p, size) < 0)
		return err_set(e, E_IO, "the plugin's file changed while it was read");
	p[size] = '\0';
	*ret = str_n(p, size);
	return 0;
}

int plugin_read(const char *dir, struct str name, struct arena *a, struct str *ret, struct err *e)
{
	char file[PLUGIN_NAME_MAX + 8];
	struct stat st;
	if (!dir || !*dir)
		return err_set(e, E_UNSUPPORTED, "no plugins are installed (KRYFTO_PLUGINS_DIR is not set)");
	if (!plugin_name_ok(name))
		return err_set(e, E_INVALID, "a plugin is named by letters, digits, _ and -; a path is refused");
	name = without_suffix(name);
	snprintf(file, sizeof file, "%.*s.lua", STR_FMT(name));
	_cleanup_fd_ int folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return err_errno(e, "plugins folder");
	/* A link could lead out of the folder. */
	_cleanup_fd_ int fd = openat(folder, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ELOOP))
		return err_set(e, E_NOTFOUND, "there is no plugin \"%.*s\"", STR_FMT(name));
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, "plugin \"%.*s\"", STR_FMT(name));
	if (!S_ISREG(st.st_mode))
		return err_set(e, E_NOTFOUND, "the plugin \"%.*s\" is no file", STR_FMT(name));
	if (st.st_size > (off_t)PLUGIN_FILE_MAX)
		return err_set(
			e, E_LIMIT, "the plugin \"%.*s\" has more than %zu bytes", STR_FMT(name), PLUGIN_FILE_MAX);
	return read_all(fd, (size_t)st.st_size, a, ret, e);
}
