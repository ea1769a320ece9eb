# Every t/fuzz/fuzz_<name>.c holds LLVMFuzzerTestOneInput. Ordinary builds make t/fuzz/replay_<name> of it, which
# the suite runs over t/fuzz/corpus/<name>/ (t/it/fuzz.t); --enable-fuzzers makes t/fuzz/fuzz_<name> for libFuzzer:
#   t/fuzz/fuzz_<name> -max_total_time=300 <new folder> <srcdir>/t/fuzz/corpus/<name>
# A new target is a new file: nothing is listed here.
fuzz_targets = $(wildcard $(srcdir)/t/fuzz/fuzz_*.c)
fuzz_names = $(patsubst $(srcdir)/t/fuzz/fuzz_%.c,%,$(fuzz_targets))
if FUZZERS
fuzz_programs = $(fuzz_names:%=t/fuzz/fuzz_%)
fuzz_main =
fuzz_link = -fsanitize=fuzzer
else
fuzz_programs = $(fuzz_names:%=t/fuzz/replay_%)
fuzz_main = t/fuzz/replay.o
fuzz_link =
endif
fuzz_libs = $(EXTRACT_LIBS) $(NET_LIBS) $(PROC_LIBS) $(HTML_LIBS) $(URL_LIBS) $(CRYPTO_LIBS) $(CONF_LIBS) $(JSON_LIBS) \
	$(BASE_LIBS) -lm
EXTRA_DIST += t/fuzz/replay.c t/fuzz/corpus $(fuzz_targets)

t/fuzz/%.o: $(srcdir)/t/fuzz/%.c
	$(AM_V_CC)$(MKDIR_P) t/fuzz && $(COMPILE) -MT $@ -MMD -MP -MF t/fuzz/$*.d -c -o $@ $<
$(fuzz_programs): t/fuzz/%: $(fuzz_main) $(filter %.a,$(fuzz_libs))
$(fuzz_names:%=t/fuzz/replay_%): t/fuzz/replay_%: t/fuzz/fuzz_%.o
	$(AM_V_CCLD)$(LINK) $(fuzz_link) $< $(fuzz_main) $(fuzz_libs) $(LIBS)
$(fuzz_names:%=t/fuzz/fuzz_%): t/fuzz/fuzz_%: t/fuzz/fuzz_%.o
	$(AM_V_CCLD)$(LINK) $(fuzz_link) $< $(fuzz_main) $(fuzz_libs) $(LIBS)
-include $(fuzz_names:%=t/fuzz/fuzz_%.d) t/fuzz/replay.d

# All targets, built; no listing needed of them either.
fuzzprogs: $(fuzz_programs)
check-local checkprogs: fuzzprogs
clean-local: clean-fuzz
clean-fuzz:
	-rm -f t/fuzz/*.o t/fuzz/*.d t/fuzz/fuzz_* t/fuzz/replay_*
.PHONY: fuzzprogs clean-fuzz
.SECONDARY: $(fuzz_names:%=t/fuzz/fuzz_%.o)
