#include "base/first.h"
#include "proc/user.h"
#include "base/scan.h"

#include <grp.h>
#include <pwd.h>

int user_find(const char *name, uid_t *ret_uid, gid_t *ret_gid, struct err *e)
{
	uint64_t id;
	struct passwd *pw = getpwnam(name);
	if (!pw && scan_u64(str_of(name), &id) == 0 && id < UINT32_MAX)
		pw = getpwuid((uid_t)id);
	if (!pw)
		return err_set(e, E_NOTFOUND, "no user %s on this system", name);
	*ret_uid = pw->pw_uid;
	*ret_gid = pw->pw_gid;
	return 0;
}

int group_find(const char *name, gid_t *ret_gid, struct err *e)
{
	uint64_t id;
	struct group *gr = getgrnam(name);
	if (!gr && scan_u64(str_of(name), &id) == 0 && id < UINT32_MAX)
		gr = getgrgid((gid_t)id);
	if (!gr)
		return err_set(e, E_NOTFOUND, "no group %s on this system", name);
	*ret_gid = gr->gr_gid;
	return 0;
}

int user_become(const char *name, struct err *e)
{
	uid_t uid;
	gid_t gid;
	int err = user_find(name, &uid, &gid, e);
	if (err < 0)
		return err;
	if (geteuid() == uid)
		return 0;
	if (geteuid() != 0)
		return err_set(e, E_DENIED, "only root can become user %s", name);
	if (initgroups(name, gid) < 0 || setgid(gid) < 0 || setuid(uid) < 0)
		return err_errno(e, "become user %s", name);
	if (uid != 0 && setuid(0) == 0)
		die("root rights came back after leaving them");
	return 0;
}
