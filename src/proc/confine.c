#include "base/first.h"
#include "proc/confine.h"

#include <grp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int confine_fds(const int *keep, size_t n, struct err *e)
{
	unsigned from = 0;
	for (size_t i = 0; i <= n; i++) {
		unsigned upto = i < n ? (unsigned)keep[i] : ~0u;
		/* The range between two kept descriptors may be empty. */
		if (i == n ? close_range(from, ~0u, 0) < 0 : upto > from && close_range(from, upto - 1, 0) < 0)
			return err_errno(e, "close_range");
		from = upto + 1;
	}
	return 0;
}

static int limit(int what, const char *name, rlim_t n, struct err *e)
{
	struct rlimit r = { n, n };
	/* At the soft limit of processor time comes SIGXCPU, which says why; at the hard one SIGKILL. */
	if (what == RLIMIT_CPU)
		r.rlim_max += 5;
	return setrlimit(what, &r) < 0 ? err_errno(e, "setrlimit %s", name) : 0;
}

int confine_limits(const struct confine_limits *l, struct err *e)
{
	int rc = 0;
	if ((rc = limit(RLIMIT_CORE, "core", 0, e)) < 0 || (rc = limit(RLIMIT_NPROC, "nproc", 0, e)) < 0 ||
		(rc = limit(RLIMIT_MEMLOCK, "memlock", 0, e)) < 0 || (rc = limit(RLIMIT_NOFILE, "nofile", 0, e)) < 0)
		return rc;
	if (l->cpu_secs && (rc = limit(RLIMIT_CPU, "cpu", l->cpu_secs, e)) < 0)
		return rc;
#ifndef ENABLE_SANITIZERS
	if ((rc = limit(RLIMIT_FSIZE, "fsize", 0, e)) < 0)
		return rc;
	if (l->memory && (rc = limit(RLIMIT_AS, "as", l->memory, e)) < 0)
		return rc;
	/* A sanitizer writes its report, and its leak check needs a dumpable process. */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_errno(e, "prctl dumpable");
#endif
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_errno(e, "prctl pdeathsig");
	return 0;
}

int confine_ids(struct err *e)
{
	const uid_t nobody = 65534;
	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(nobody, nobody, nobody) < 0 || setresuid(nobody, nobody, nobody) < 0)
		return err_errno(e, "cannot change to user 65534");
	return 0;
}

static int allow_memory(scmp_filter_ctx f)
{
	/* Memory may be anything but executable. */
	const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	int rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_exec);
	if (!rc)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_exec);
	/* abort(3) signals its own process, and only that may be signalled. */
	const struct scmp_arg_cmp self = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid());
	if (!rc)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, self);
	return rc;
}

int confine_compute_only(struct err *e)
{
	static const int allowed[] = { SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(recvfrom),
		SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(munmap), SCMP_SYS(mremap),
		SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
		SCMP_SYS(getrandom), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
		SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(getpid), SCMP_SYS(gettid),
		SCMP_SYS(restart_syscall), SCMP_SYS(sched_yield), SCMP_SYS(sigaltstack) };
#ifdef ENABLE_SANITIZERS
	/* A report needs further calls; they fail softly instead of hiding it. */
	const uint32_t otherwise = SCMP_ACT_ERRNO(EPERM);
#else
	const uint32_t otherwise = SCMP_ACT_KILL_PROCESS;
#endif
	scmp_filter_ctx f = seccomp_init(otherwise);
	if (!f)
		return err_set(e, E_IO, "seccomp_init failed");
	/* A foreign architecture's calls are refused by the library's default; no new privileges is too. */
	int rc = seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; !rc && i < ARRAY_LEN(allowed); i++)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0);
	if (!rc)
		rc = allow_memory(f);
	if (!rc)
		rc = seccomp_load(f);
	seccomp_release(f);
	return rc ? err_set(e, E_IO, "seccomp filter: %s", strerror(-rc)) : 0;
}
