#include "base/first.h"
#include "base/arena.h"
#include "net/host.h"
#include "../tap.h"

static struct loop *loop;
static struct hosts_gate *gate;

struct visit {
	struct host_turn *turn;
	usec_t at; /* 0: not yet */
};

static void begin(void *arg)
{
	((struct visit *)arg)->at = clock_mono();
}

static void take(struct visit *v, const char *host)
{
	v->at = 0;
	v->turn = host_turn_take(gate, str_of(host), begin, v);
}

static void spin(usec_t d)
{
	struct loop_timer *t = loop_timer_new(loop, (void (*)(void *))loop_stop, loop);
	loop_timer_in(t, d);
	loop_run(loop);
	loop_timer_free(t);
}

int main(void)
{
	struct visit a, b, c, d;
	struct hosts_gate_stats s;
	if (loop_new(&loop, NULL))
		return 1;
	gate = hosts_gate_new(loop, &(struct hosts_gate_options){ .per_host = 2, .idle = 50 * USEC_PER_MS });
	take(&a, "x");
	take(&b, "x");
	take(&c, "x");
	take(&d, "y");
	ok(!a.at, "never from within");
	spin(5 * USEC_PER_MS);
	ok(a.at && b.at && !c.at && d.at, "two at one host, the third waits, another host does not");
	hosts_gate_stats(gate, &s);
	ok(s.hosts == 2 && s.running == 3 && s.waiting == 1, "as counted");
	host_turn_end(a.turn);
	spin(5 * USEC_PER_MS);
	ok(c.at, "a turn that ends lets the next one begin");
	take(&a, "x");
	host_turn_end(a.turn);
	host_turn_end(b.turn);
	spin(5 * USEC_PER_MS);
	ok(!a.at, "a waiter that left gets no turn");
	hosts_gate_hold(gate, STR("x"), 60 * USEC_PER_MS);
	ok(hosts_gate_held(gate, STR("x")) > 0 && !hosts_gate_held(gate, STR("y")), "held");
	usec_t t0 = clock_mono();
	take(&a, "x");
	spin(100 * USEC_PER_MS);
	ok(a.at - t0 >= 59 * USEC_PER_MS, "a hold delays");
	host_turn_end(a.turn);
	host_turn_end(c.turn);
	host_turn_end(d.turn);

	hosts_gate_set(
		gate, &(struct hosts_gate_options){ .per_host = 9, .gap = 20 * USEC_PER_MS, .idle = 50 * USEC_PER_MS });
	take(&a, "z");
	take(&b, "z");
	take(&c, "z");
	spin(100 * USEC_PER_MS);
	ok(b.at - a.at >= 20 * USEC_PER_MS && c.at - b.at >= 20 * USEC_PER_MS, "gaps are kept, order too");
	host_turn_end(a.turn);
	host_turn_end(b.turn);
	host_turn_end(c.turn);
	spin(150 * USEC_PER_MS);
	hosts_gate_stats(gate, &s);
	is_int(s.hosts, 0, "idle hosts are forgotten");
	take(&a, "w");
	hosts_gate_free(gate);
	loop_free(loop);
	return done_testing();
}
