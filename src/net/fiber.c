#include "base/first.h"
#include "net/fiber.h"

#include "base/arena.h"

#include <sys/mman.h>
#include <ucontext.h>

#ifdef ENABLE_SANITIZERS
#include <sanitizer/common_interface_defs.h>
#endif

#define STACK_BYTES (256 * KiB)
#define STACKS_KEPT 32

struct fiber {
	struct loop *loop;
	struct loop_timer *timer;
	ucontext_t here, caller;
	char *stack; /* the guard page, then STACK_BYTES */
	void (*fn)(void *arg);
	void *arg;
	int value;
	bool woken, queued, waiting, done;
#ifdef ENABLE_SANITIZERS
	void *fake, *caller_fake;
	const void *caller_bottom;
	size_t caller_size;
#endif
};

static struct fiber *current;
static size_t alive;
static char *spare[STACKS_KEPT];
static size_t n_spare;

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static char *stack_take(void)
{
	if (n_spare)
		return spare[--n_spare];
	size_t guard = page_size();
	char *p = mmap(
		NULL, guard + STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	mprotect(p, guard, PROT_NONE);
	return p;
}

static void stack_give(char *p)
{
	if (n_spare < STACKS_KEPT)
		spare[n_spare++] = p;
	else
		munmap(p, page_size() + STACK_BYTES);
}

/* The sanitizer keeps track of which stack runs; in ordinary builds these two are empty. */
static void leave_to_fiber(struct fiber *f)
{
#ifdef ENABLE_SANITIZERS
	__sanitizer_start_switch_fiber(&f->caller_fake, f->stack + page_size(), STACK_BYTES);
#endif
	swapcontext(&f->caller, &f->here);
#ifdef ENABLE_SANITIZERS
	__sanitizer_finish_switch_fiber(f->caller_fake, NULL, NULL);
#endif
}

static void leave_to_caller(struct fiber *f)
{
#ifdef ENABLE_SANITIZERS
	__sanitizer_start_switch_fiber(f->done ? NULL : &f->fake, f->caller_bottom, f->caller_size);
#endif
	swapcontext(&f->here, &f->caller);
#ifdef ENABLE_SANITIZERS
	__sanitizer_finish_switch_fiber(f->fake, &f->caller_bottom, &f->caller_size);
#endif
}

static void entry(unsigned hi, unsigned lo)
{
	struct fiber *f = (struct fiber *)((uintptr_t)hi << 32 | (uintptr_t)lo);
#ifdef ENABLE_SANITIZERS
	__sanitizer_finish_switch_fiber(NULL, &f->caller_bottom, &f->caller_size);
#endif
	f->fn(f->arg);
	f->done = true;
	leave_to_caller(f);
}

static void resume(struct fiber *f)
{
	struct fiber *before = current;
	current = f;
	leave_to_fiber(f);
	current = before;
	if (!f->done)
		return;
	loop_timer_free(f->timer);
	stack_give(f->stack);
	free(f);
	alive--;
}

static void run_queued(void *arg)
{
	struct fiber *f = arg;
	f->queued = false;
	if (f->waiting)
		resume(f);
}

static void on_timer(void *arg)
{
	struct fiber *f = arg;
	if (f->waiting && !f->queued)
		resume(f);
}

/* Apart from its caller: getcontext() counts as returning twice, which forbids much to the function around it. */
__attribute__((noinline)) static void prepare(struct fiber *f)
{
	uintptr_t p = (uintptr_t)f;
	getcontext(&f->here);
	f->here.uc_stack.ss_sp = f->stack + page_size();
	f->here.uc_stack.ss_size = STACK_BYTES;
	f->here.uc_link = NULL;
	makecontext(&f->here, (void (*)(void))entry, 2, (unsigned)(p >> 32), (unsigned)p);
}

int fiber_start(struct loop *l, void (*fn)(void *arg), void *arg, struct err *e)
{
	char *stack = stack_take();
	if (!stack)
		return err_set(e, E_LIMIT, "no memory for another fiber's stack");
	struct fiber *f = xcalloc(1, sizeof *f);
	*f = (struct fiber){ .loop = l, .stack = stack, .fn = fn, .arg = arg };
	f->timer = loop_timer_new(l, on_timer, f);
	prepare(f);
	alive++;
	resume(f);
	return 0;
}

struct fiber *fiber_self(void)
{
	return current;
}

int fiber_wait(usec_t deadline)
{
	struct fiber *f = current;
	assert(f);
	if (!f->woken) {
		f->waiting = true;
		if (deadline != FIBER_NEVER)
			loop_timer_in(f->timer, MAX(deadline - clock_mono(), (usec_t)0));
		leave_to_caller(f);
		loop_timer_stop(f->timer);
		f->waiting = false;
	}
	if (!f->woken)
		return E_TIMEOUT;
	f->woken = false;
	return f->value;
}

void fiber_wake(struct fiber *f, int value)
{
	if (!f->woken || f->value >= 0)
		f->value = value;
	f->woken = true;
	if (f->queued || !f->waiting)
		return;
	f->queued = true;
	loop_defer(f->loop, run_queued, f);
}

size_t fiber_count(void)
{
	return alive;
}
