# Every command of the project, the same for people and for CI.
#
# On a machine with git, make, python3 (3.11 or newer) and python3-venv, `make demo` and `make test`
# set up all that they need. Registries (PyPI, npm, Debian) are those that the machine's own
# pip, npm and apt are set to use: no address stands in here.

PYTHON ?= python3
VENV ?= .venv
PORT ?=
ARGS ?=
# How pytest shares its tests out; tests/conftest.py says why two. WORKERS= for one alone.
WORKERS ?= -n 2 --dist loadfile --no-loadscope-reorder
BIN := $(VENV)/bin
# pip's own bundled version is too old in Debian 12 for dependency groups; this one is pinned too.
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
CONSTRAINED := install --quiet --constraint constraints.txt --build-constraint constraints.txt

# The virtual environment's node and npm, where the machine has none; see $(VENV)/.node
export PATH := $(abspath $(BIN)):$(PATH)

# The tests start the same programs again and again: let them be compiled once.
unexport PYTHONDONTWRITEBYTECODE

# Some machines run us with no home, or one that cannot be written.
ifneq ($(shell test -w "$$HOME" && echo writable),writable)
export XDG_CACHE_HOME := $(abspath .make/cache)
export npm_config_cache := $(abspath .make/cache/npm)
endif

# Folders count as well: a file that was added or removed changes its folder's time.
WEB_SOURCES := web/index.html web/package.json web/tsconfig.json web/vite.config.ts \
	$(shell find web/src web/public)
WEB_MODULES := web/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo "Variables: PORT=8060 and ARGS=… for demo; ARGS=… for pytest, bench and soak; WORKERS= for pytest in one process; PYTHON=python3.12"

# --- Setting up ---------------------------------------------------------------------------------

.PHONY: install
install: $(VENV)/.dev ## Create .venv with Minuteur and the development tools

$(VENV)/.pip: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Minuteur needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	@echo "Creating the virtual environment $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --quiet --constraint constraints.txt pip
	@touch $@

$(VENV)/.run: $(VENV)/.pip pyproject.toml
	@echo "Installing Minuteur"
	@$(PIP) $(CONSTRAINED) --editable '.[postgresql]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Installing the development tools"
	@$(PIP) $(CONSTRAINED) --group dev --group bench
	@touch $@

# Vite asks for these versions of Node.
NODE_IS_USABLE := command -v npm >/dev/null 2>&1 && node -e 'const [a, b] = \
	process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null

$(VENV)/.node: $(VENV)/.pip
	@if $(NODE_IS_USABLE); then echo "Using Node.js $$(node --version)"; else \
		echo "Installing Node.js into $(VENV)" && $(PIP) $(CONSTRAINED) --group web-build; fi
	@touch $@

$(WEB_MODULES): web/package.json web/package-lock.json web/.npmrc | $(VENV)/.node
	@echo "Installing what the web page is built with"
	@cd web && npm ci --loglevel=error --no-update-notifier
	@touch $@

.PHONY: web
web: web/dist/index.html ## Build the web page into web/dist, if its sources changed

web/dist/index.html: $(WEB_SOURCES) $(WEB_MODULES)
	@echo "Building the web page"
	@cd web && npm run --silent build -- --logLevel warn
	@touch $@

# --- Running ------------------------------------------------------------------------------------

.PHONY: setup
setup: $(VENV)/.run web/dist/index.html ## Install Minuteur and its page to run them, without development tools
	@echo "Ready: $(BIN)/minuteur"

.PHONY: demo
demo: $(VENV)/.run web/dist/index.html ## Run Minuteur on a simulated contact centre
	@exec $(BIN)/minuteur demo $(if $(PORT),--port $(PORT)) $(ARGS)

.PHONY: screenshots
screenshots: $(VENV)/.dev web/dist/index.html ## Take the pictures of the live page (needs Chromium)
	@exec $(BIN)/python -m tests.browser.screenshots $(ARGS)

.PHONY: gallery
gallery: $(VENV)/.dev web/dist/index.html ## Take pictures of every page of the demo (ARGS=--docs: for the documentation)
	@exec $(BIN)/python -m tests.browser.gallery $(ARGS)

.PHONY: bench
bench: $(VENV)/.dev ## Measure what the design promises, as ratios within one run
	@exec $(BIN)/python -m tests.bench $(ARGS)

.PHONY: soak
soak: $(VENV)/.dev ## 1,000 mixed real calls on each Asterisk, compared with the queue log
	@exec $(BIN)/python -m tests.soak $(ARGS)

.PHONY: race
race: $(VENV)/.dev ## 300 real calls on each Asterisk, answered in the moment in which they are withdrawn
	@exec $(BIN)/python -m tests.soak.withdraw_race $(ARGS)

.PHONY: storm
storm: $(VENV)/.dev ## 500 callers at once on a real Asterisk, two queues overflowing into each other
	@exec $(BIN)/python -m tests.soak.storm $(ARGS)

.PHONY: broker-soak
broker-soak: $(VENV)/.dev ## Mosquitto away for two minutes under load: nothing lost, all in order
	@exec $(BIN)/python -m tests.soak.broker $(ARGS)

.PHONY: figures
figures: $(VENV)/.dev ## Half a year of two million calls: plain SQL agrees on every indicator (10 minutes)
	@MINUTEUR_FULL_RECORD=1 $(BIN)/python -m pytest --timeout=7200 tests/history/test_recomputation.py $(ARGS)

.PHONY: properties
properties: $(VENV)/.dev ## Search long for streams of events that break a property (ARGS="--examples 100000")
	@exec $(BIN)/python -m tests.properties $(ARGS)

# --- Checking -----------------------------------------------------------------------------------

.PHONY: test
test: ## Set up everything, a real Asterisk too, and check all of it
	@$(MAKE) --no-print-directory install web
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=line machine static
	@$(MAKE) --no-print-directory pytest

# It mostly waits for Debian's mirrors and for the disk, so there is a processor left beside it.
.PHONY: machine
machine: $(VENV)/.run
	@tests/setup/machine.sh $(BIN)/python

.PHONY: check
check: static pytest ## Format, lint, types, contracts, tests: what people and CI run

# Before the tests: the static checks take seconds, the tests minutes.
.PHONY: static
static: format-check lint types contracts web-check ## All of check but the Python tests

.PHONY: format-check
format-check: $(VENV)/.dev
	@$(BIN)/ruff format --check --quiet . || { echo "Run: make fix" >&2; exit 1; }

.PHONY: lint
lint: $(VENV)/.dev
	@$(BIN)/ruff check --quiet .

.PHONY: types
types: $(VENV)/.dev
	@$(BIN)/mypy --no-error-summary

.PHONY: contracts
contracts: $(VENV)/.dev
	@$(BIN)/lint-imports --no-logo >.make/contracts.txt 2>&1 || { cat .make/contracts.txt; exit 1; }

.PHONY: web-check
web-check: $(WEB_MODULES)
	@cd web && npm run --silent check && npm run --silent test

.PHONY: pytest
pytest: $(VENV)/.dev web/dist/index.html
	@$(BIN)/python -m pytest $(WORKERS) $(ARGS)

.PHONY: fix
fix: $(VENV)/.dev $(WEB_MODULES) ## Format, and repair what the linters can
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .
	@cd web && npm run --silent format

# --- Upkeep -------------------------------------------------------------------------------------

.PHONY: lock
lock: ## Write constraints.txt: the newest versions that fit, from an environment of its own
	@rm -rf .make/lock && $(PYTHON) -m venv .make/lock
	@.make/lock/bin/pip install --quiet --upgrade pip
	@.make/lock/bin/pip install --quiet '.[postgresql]' $(foreach group,dev bench web-build build,--group $(group))
	@{ echo "# Exact versions of all that Minuteur runs, builds and is tested with. Written by: make lock"; \
		.make/lock/bin/pip freeze --all --exclude minuteur; } > .make/constraints.txt
	@! grep -nE '@|://' .make/constraints.txt || { echo "constraints.txt must name no address" >&2; exit 1; }
	@mv .make/constraints.txt constraints.txt && rm -rf .make/lock

.PHONY: openapi
openapi: $(VENV)/.dev $(WEB_MODULES) ## Write web/openapi.json and the types that the page takes from it
	@$(BIN)/minuteur openapi > .make/openapi.json && mv .make/openapi.json web/openapi.json
	@cd web && npm run --silent generate

.PHONY: guarantees
guarantees: $(VENV)/.dev ## Write the tables of docs/guarantees.md from the rows that the tests play
	@$(BIN)/python -m tests.asterisk_lab.guarantees

.PHONY: standards
standards: $(VENV)/.dev ## Write docs/standards.md from what the standards page shows
	@$(BIN)/python -m tests.standards.writing

.PHONY: clean
clean: ## Remove what was built (not the Asterisk of the tests, which lies outside)
	rm -rf $(VENV) .make web/dist web/node_modules dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(shell mkdir -p .make)
