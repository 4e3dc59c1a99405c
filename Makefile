# gonogo: how it is built, tested and installed. `make help` lists the words.
#
# One table of rooms drives everything: where a room lives, which rooms it may
# see, and which libraries it links. A room is compiled with an include path
# that holds its own folder and the public headers of the rooms it sees, so an
# upward include is "file not found". ARCHITECTURE.md tells the story.

SHELL := /bin/bash
# Quiet by default; `make V=1` shows the commands.
V ?= 0
ifeq ($(V),0)
say = @printf '  %-7s %s\n' '$(1)' '$(2)';
else
say =
endif
.DELETE_ON_ERROR:
.SUFFIXES:

# ------------------------------------------------------------------ the rooms

all_rooms := base files plan sql lint catalog check monitor pgtools engine front report loop db proc journal app tui cli
dir.base := src/base
dir.files := src/files
dir.plan := src/plan
dir.sql := src/sql
dir.lint := src/lint
dir.catalog := src/catalog
dir.check := src/check
dir.monitor := src/monitor
dir.pgtools := src/pgtools
dir.engine := src/engine
dir.front := src/front
dir.report := src/report
dir.loop := src/loop
dir.db := src/db
dir.proc := src/proc
dir.journal := src/journal
dir.app := src/app
dir.tui := ui/tui
dir.cli := ui/cli
rooms := $(foreach r,$(all_rooms),$(if $(wildcard $(dir.$(r))/$(r).h),$(r)))

floor1 := plan sql lint catalog check monitor pgtools
# What a room sees: the closure of the public headers that it may include.
sees.base :=
sees.files := base
sees.plan := base
sees.sql := base plan
sees.lint := base sql
sees.catalog := base sql lint
sees.check := base plan sql catalog
sees.monitor := base plan
sees.pgtools := base plan
sees.engine := base $(floor1)
sees.front := base $(floor1) engine
sees.report := base files $(floor1) engine
sees.loop := base
sees.db := base
sees.proc := base
sees.journal := base files $(floor1) engine
sees.app := base files $(floor1) engine front report loop db proc journal
sees.tui := base $(floor1) engine front
sees.cli := base files $(floor1) engine front report loop db proc journal app tui

# Rooms that may not touch the world: `nm -u` of their archives is checked.
pure := base plan sql lint catalog check monitor pgtools engine front report

# A library's headers belong to one room.
cflags.base := $(shell pkg-config --cflags jansson libcrypto 2>/dev/null)
cflags.plan := $(shell pkg-config --cflags libcyaml yaml-0.1 2>/dev/null)
cflags.db := $(shell pkg-config --cflags libpq 2>/dev/null)
libraries := $(shell pkg-config --libs libcyaml yaml-0.1 libpq jansson libcrypto ncursesw 2>/dev/null) -lpg_query

# ------------------------------------------------------------------- variants

# VARIANT=release (default), san (gcc, address and undefined), clang, fuzz (see `make fuzz`).
VARIANT ?= release
DEV ?= 1
out := build/$(VARIANT)
PREFIX ?= /usr/local
version := 0.1.0

warnings := -Wall -Wextra -Wshadow -Wconversion -Wswitch-enum -Wvla -Wmissing-prototypes \
            -Wstrict-prototypes -Wpointer-arith -Wwrite-strings -Wundef
ifeq ($(DEV),1)
warnings += -Werror
endif
cc.release := gcc
cc.san := gcc
cc.clang := clang
cc.fuzz := clang
flags.release := -O2 -g
flags.san := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
flags.clang := -O1 -g
flags.fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
ifeq ($(origin CC),default)
CC := $(cc.$(VARIANT))
endif
CFLAGS ?= $(flags.$(VARIANT))
ccflags := -std=c11 -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -fvisibility=hidden -fstack-protector-strong \
           -D_FORTIFY_SOURCE=2 -DGONOGO_VERSION='"$(version)"' $(warnings) $(CFLAGS) -include src/base/compiler.h
ifneq ($(filter san fuzz,$(VARIANT)),)
ccflags := $(filter-out -D_FORTIFY_SOURCE=2,$(ccflags))
endif
ldflags := $(filter -fsanitize=%,$(CFLAGS)) $(LDFLAGS)

program := $(out)/gonogo
all_sources := $(foreach r,$(rooms),$(wildcard $(dir.$(r))/*.c))
archives := $(foreach r,$(rooms),$(out)/lib$(r).a)
# Linked upper floor first; base last.
reverse = $(if $(1),$(call reverse,$(wordlist 2,$(words $(1)),$(1))) $(firstword $(1)))
link_order := $(patsubst %,$(out)/lib%.a,$(call reverse,$(rooms)))

.PHONY: all
all: build/gonogo

build/gonogo: build/release/gonogo
	@ln -sf release/gonogo $@
ifneq ($(VARIANT),release)
build/release/gonogo: FORCE
	@$(MAKE) --no-print-directory VARIANT=release build/release/gonogo
endif
.PHONY: FORCE
FORCE:

# ------------------------------------------------------- rules made from the table

# include path of a room: itself, then the public headers of what it sees
walls = -iquote $(dir.$(1)) $(foreach s,$(sees.$(1)),-iquote build/include/$(s))
# A public header named after the room; plan and engine tell theirs in parts, app has doors of its own
# for its fronts and its demo.
$(foreach r,$(rooms),$(eval public.$(r) := $(r).h))
public.sql += sql_facts.h sql_forms.def
public.catalog += catalog_lint.h
public.plan += plan_basics.h plan_terms.h plan_work.h plan_answers.h plan_settings.h plan_policy.h
public.engine += engine_words.h engine_events.h engine_model.h engine_asks.h engine_front.h
public.app += $(patsubst src/app/%,%,$(wildcard src/app/front_headless.h src/app/front_plain.h src/app/front_out.h src/app/front_cast.h src/app/demo_server.h src/app/demo_trouble.h src/app/demo_sample.h src/app/app_guard.h src/app/app_lint.h src/app/app_lint_world.h))
public_headers := $(foreach r,$(rooms),$(patsubst %,build/include/$(r)/%,$(public.$(r))))

define header_rule
build/include/$(1)/$(2): $(dir.$(1))/$(2)
	@mkdir -p $$(@D) && ln -sf ../../../$(dir.$(1))/$(2) $$@
endef
$(foreach r,$(rooms),$(foreach h,$(public.$(r)),$(eval $(call header_rule,$(r),$(h)))))

define room_rules
$(1)_objects := $$(patsubst %.c,$(out)/%.o,$$(wildcard $(dir.$(1))/*.c))
$$($(1)_objects): $(out)/%.o: %.c Makefile | $(public_headers)
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)$$(CC) $$(ccflags) $$(cflags.$(1)) $$(call walls,$(1)) -MMD -MP -c $$< -o $$@
$(out)/lib$(1).a: $$($(1)_objects)
	@rm -f $$@
	$$(call say,AR,$$@)ar rcs $$@ $$^
-include $$($(1)_objects:.o=.d)
endef
$(foreach r,$(rooms),$(eval $(call room_rules,$(r))))

$(program): $(archives)
	$(call say,LD,$@)$(CC) $(ldflags) -o $@ -Wl,--start-group $(link_order) -Wl,--end-group $(libraries) -lm

# One file that says how each source is compiled, for editors and analysers.
compile_commands.json: Makefile
	@{ echo '['; sep=''; $(foreach r,$(rooms),for f in $(wildcard $(dir.$(r))/*.c); do \
	  printf '%s{"directory":"%s","file":"%s","command":"%s"}\n' "$$sep" "$(CURDIR)" "$$f" \
	  '$(subst ",\\\",$(CC) $(ccflags) $(cflags.$(r)) $(call walls,$(r))) -c '"$$f"; sep=','; done;) echo ']'; } >$@

# ---------------------------------------------------------------------- tests

# A unit test sees everything its room sees, and the room's private headers.
# tests/unit/<room>_<subject>_test.c or tests/unit/<room>_test.c
unit_sources := $(wildcard tests/unit/*_test.c)
unit_programs := $(patsubst tests/%.c,$(out)/tests/%,$(unit_sources))
room_of = $(firstword $(subst _, ,$(notdir $(1))))
# Programs that drive the built program, a server, a terminal or the engine alone.
c_test_sources := $(wildcard tests/db/*_test.c tests/sim/*_test.c tests/fsm/*_test.c tests/fault/*_test.c tests/tty/*_test.c)
c_test_programs := $(patsubst tests/%.c,$(out)/tests/%,$(c_test_sources))
support_objects := $(patsubst tests/support/%.c,$(out)/tests/support/%.o,$(wildcard tests/support/*.c))
every_wall := $(foreach r,$(rooms),-iquote $(dir.$(r)) -iquote build/include/$(r))

$(support_objects): $(out)/tests/support/%.o: tests/support/%.c Makefile | $(public_headers)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(ccflags) -iquote tests/support $(every_wall) $(shell pkg-config --cflags libpq 2>/dev/null) -MMD -MP -c $< -o $@

define unit_rule
$(out)/tests/unit/$(notdir $(1:.c=)): $(1) $(support_objects) $(archives) Makefile
	@mkdir -p $$(@D)
	$$(call say,TEST,$(1))$$(CC) $$(ccflags) -iquote tests/support $$(call walls,$(call room_of,$(1))) -MMD -MP -MF $$@.d $(1) $(support_objects) $$(ldflags) \
	  -o $$@ -Wl,--start-group $$(filter-out %/libcli.a,$$(link_order)) -Wl,--end-group $$(libraries) -lcmocka -lvterm -lm
-include $(out)/tests/unit/$(notdir $(1:.c=)).d
endef
$(foreach s,$(unit_sources),$(eval $(call unit_rule,$(s))))

$(c_test_programs): $(out)/tests/%: tests/%.c $(support_objects) $(archives) Makefile
	@mkdir -p $(@D)
	$(call say,TEST,$<)$(CC) $(ccflags) -iquote tests/support -iquote $(dir $<) $(every_wall) $(shell pkg-config --cflags libpq 2>/dev/null) -MMD -MP -MF $@.d $< $(support_objects) $(ldflags) \
	  -o $@ -Wl,--start-group $(filter-out %/libcli.a,$(link_order)) -Wl,--end-group $(libraries) -lcmocka -lvterm -lm
-include $(c_test_programs:=.d) $(support_objects:.o=.d)

# One frame of a recorded run, for pictures and for looking at a screen without a terminal.
$(out)/tests/frames/shot: tests/frames/shot.c $(archives) Makefile
	@mkdir -p $(@D)
	$(call say,TEST,$<)$(CC) $(ccflags) $(every_wall) $< $(ldflags) -o $@ -Wl,--start-group $(filter-out %/libcli.a,$(link_order)) -Wl,--end-group $(libraries) -lm

# The program as it is where libpg_query packs its trees itself: names of the room sql are not seen by it.
$(out)/tests/gonogo-packed: $(archives) Makefile
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ldflags) -Wl,--exclude-libs,libsql.a -o $@ -Wl,--start-group $(link_order) -Wl,--end-group $(libraries) -lm

.PHONY: tests
tests: $(unit_programs) $(c_test_programs) $(program) $(out)/tests/frames/shot $(out)/tests/gonogo-packed

# What `make check` runs, in this order: fast ones first.
shell_tests := $(filter-out %/tap.sh,$(wildcard tests/lint/*.sh tests/frames/*.sh tests/plans-demo/*.sh tests/cli/*.sh tests/trust/*.sh tests/rows/*.sh))

# Builds use every core unless -j was given.
jobs := $(if $(findstring j,$(firstword -$(MAKEFLAGS))),,-j$(shell nproc))

# Lint and every test once under gcc with the sanitizers, a build with clang, a smoke
# test of the release build. The last line is "N passed, N failed".
.PHONY: check
check: deps-check
	@$(MAKE) --no-print-directory $(jobs) VARIANT=release build/release/gonogo
	@$(MAKE) --no-print-directory $(jobs) VARIANT=clang build/clang/gonogo
	@$(MAKE) --no-print-directory $(jobs) VARIANT=san tests
	@VARIANT=san tests/run $(patsubst build/$(VARIANT)/%,build/san/%,$(unit_programs) $(c_test_programs)) $(shell_tests)

# What asks the server's catalogs, the locks of statements, and a whole window, beside other majors: BINDIRS names folders
# with initdb, postgres, psql, pg_isready, pg_dump and pg_restore of one server each.
major_tests := $(patsubst %,build/san/tests/db/%_test,app_lint_context app_look app_run catalog_counts catalog_identity catalog_ledger catalog_lint catalog_dependents catalog_around check_builtin monitor_archiver monitor_locks monitor_recent monitor_workload sql_locks sql_work)
.PHONY: check-majors
check-majors: build/gonogo
	@test -n '$(BINDIRS)' || { echo 'make check-majors BINDIRS="/usr/lib/postgresql/16/bin /usr/lib/postgresql/18/bin"'; exit 2; }
	@$(MAKE) --no-print-directory VARIANT=san $(major_tests)
	@for bindir in $(BINDIRS); do "$$bindir/postgres" --version && \
	  GONOGO_TEST_BINDIR=$$bindir VARIANT=san tests/run $(major_tests) tests/rows/week1.sh || exit 1; done

.PHONY: san
san:
	@$(MAKE) --no-print-directory VARIANT=san tests

.PHONY: lint
lint:
	@tests/run $(wildcard tests/lint/*.sh)

formatted = $(shell git ls-files '*.c' '*.h' 2>/dev/null || find src ui tests -name '*.[ch]')
.PHONY: format
format:
	clang-format --style=file -i $(formatted)

# The generated parts of ARCHITECTURE.md: state diagram and file map.
.PHONY: docs
docs: build/gonogo
	@tests/support/architecture build/gonogo >build/architecture.md && cp build/architecture.md ARCHITECTURE.md

# Golden files change only here; read the difference like code.
.PHONY: golden
golden:
	@$(MAKE) --no-print-directory VARIANT=san tests
	@GONOGO_GOLDEN=write VARIANT=san tests/run $(patsubst build/$(VARIANT)/%,build/san/%,$(filter %/report_%,$(unit_programs)))
	@GONOGO_GOLDEN=write VARIANT=san bash tests/frames/frames.sh

# Pictures of every screen, from recorded runs: the same on every machine. PNG is for looking.
.PHONY: screenshots screenshots-png
screenshots: build/release/tests/frames/shot
	@mkdir -p screenshots && GONOGO_SCREENSHOTS=screenshots bash tests/frames/frames.sh
screenshots-png: screenshots
	@mkdir -p build/screenshots
	@for f in screenshots/*.svg; do rsvg-convert "$$f" -o build/screenshots/$$(basename "$$f" .svg).png; done

# -------------------------------------------------------------------- fuzzing

# libFuzzer looks for texts that break the room sql: FUZZ_SECONDS for each target. What it finds is a file
# crash-* in build/fuzz; a small one goes into tests/fuzz/*_corpus, which `make check` replays.
FUZZ_SECONDS ?= 600
fuzz_programs := $(patsubst tests/%.c,build/fuzz/tests/%,$(wildcard tests/fuzz/*_fuzz.c))
build/fuzz/tests/fuzz/%_fuzz: tests/fuzz/%_fuzz.c $(patsubst %,$(out)/tests/support/%.o,sql_cut_check sql_study_check facts_text) $(out)/libsql.a $(out)/libbase.a Makefile
	@mkdir -p $(@D)
	$(call say,FUZZ,$<)$(CC) $(ccflags) -iquote tests/support $(call walls,sql) $< $(filter %.o,$^) $(ldflags) -fsanitize=fuzzer -o $@ $(filter %.a,$^) $(libraries) -lm

.PHONY: fuzz fuzz-programs
fuzz-programs: $(fuzz_programs)
fuzz:
	@$(MAKE) --no-print-directory $(jobs) VARIANT=fuzz fuzz-programs
	@for target in $(notdir $(fuzz_programs:_fuzz=)); do tests/fuzz/run "$$target" $(FUZZ_SECONDS) || exit 1; done

# ----------------------------------------------------------------- benchmarks

bench_sources := $(wildcard tests/bench/*_bench.c)
bench_programs := $(patsubst tests/%.c,build/release/tests/%,$(bench_sources))
$(bench_programs): build/release/tests/%: tests/%.c $(patsubst tests/support/%.c,build/release/tests/support/%.o,$(wildcard tests/support/*.c)) $(foreach r,$(rooms),build/release/lib$(r).a)
	@mkdir -p $(@D)
	$(call say,BENCH,$<)$(CC) $(ccflags) -iquote tests/support -iquote tests/bench -iquote tests/db $(every_wall) $(shell pkg-config --cflags libpq 2>/dev/null) $< $(filter %.o,$^) \
	  -o $@ -Wl,--start-group $(filter-out %/libcli.a,$(link_order)) -Wl,--end-group $(libraries) -lcmocka -lvterm -lm

.PHONY: bench bench-record
bench: build/gonogo $(bench_programs)
	@tests/bench/run
bench-record: build/gonogo $(bench_programs)
	@tests/bench/run --record

# ------------------------------------------------------- packages, demo, install

packages := gcc libc6-dev pkg-config libpq-dev libncurses-dev libcyaml-dev libyaml-dev libpg-query-dev \
            libprotobuf-c-dev libjansson-dev libssl-dev postgresql curl tzdata
packages_check := libcmocka-dev libvterm-dev tmux librsvg2-bin fonts-dejavu-core cppcheck clang-format \
                  clang libclang-rt-14-dev llvm pgbouncer
packages_all := hyperfine valgrind gcovr htop pg-activity procps

.PHONY: deps deps-check deps-all
deps:
	@tests/support/packages $(packages)
deps-check:
	@tests/support/packages $(packages) $(packages_check)
deps-all:
	@tests/support/packages $(packages) $(packages_check) $(packages_all)

.PHONY: demo
demo: deps
	@$(MAKE) --no-print-directory build/gonogo
	@build/gonogo demo

.PHONY: install
install: build/gonogo
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/gonogo'
	install -m 755 build/release/gonogo '$(DESTDIR)$(PREFIX)/bin/gonogo'
	cp -R plans '$(DESTDIR)$(PREFIX)/share/gonogo/'
	install -d '$(DESTDIR)$(PREFIX)/share/man/man1' '$(DESTDIR)$(PREFIX)/share/man/man5' \
	  '$(DESTDIR)$(PREFIX)/share/bash-completion/completions' \
	  '$(DESTDIR)$(PREFIX)/share/zsh/site-functions' '$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d'
	build/release/gonogo dev man >'$(DESTDIR)$(PREFIX)/share/man/man1/gonogo.1'
	build/release/gonogo dev man-plan >'$(DESTDIR)$(PREFIX)/share/man/man5/gonogo-plan.5'
	build/release/gonogo dev man-policy >'$(DESTDIR)$(PREFIX)/share/man/man5/gonogo-policy.5'
	build/release/gonogo dev bash >'$(DESTDIR)$(PREFIX)/share/bash-completion/completions/gonogo'
	build/release/gonogo dev zsh >'$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_gonogo'
	build/release/gonogo dev fish >'$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/gonogo.fish'

.PHONY: help
help:
	@echo 'make              build build/gonogo'
	@echo 'make demo         install what is missing, build, walk through the demo window'
	@echo 'make check        install what is missing, build, lint and every test'
	@echo 'make deps         packages for build and demo (deps-check: tests too; deps-all: benchmarks too)'
	@echo 'make san          build everything with the address and undefined sanitizers'
	@echo 'make check-majors BINDIRS="..."   catalogs, locks and a window beside servers of other majors'
	@echo 'make lint         only the walls, the format and the habits'
	@echo 'make format       clang-format over all sources'
	@echo 'make golden       write the golden files again'
	@echo 'make screenshots  pictures of every screen (screenshots-png: as PNG in build/screenshots)'
	@echo 'make fuzz         look for SQL that breaks the analysis (FUZZ_SECONDS=600 for each target)'
	@echo 'make bench        speeds beside their peers (bench-record: write tests/bench/README.md)'
	@echo 'make install      DESTDIR= PREFIX=/usr/local'
	@echo 'make clean        remove build/'
	@echo
	@echo 'VARIANT=release|san|clang   V=1 shows the commands'

.PHONY: clean
clean:
	rm -rf build compile_commands.json
