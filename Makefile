# Each target sets up what it needs; `make demo` and `make test` are all that a fresh machine has to know.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NAME ?= camunda-7.24

.PHONY: demo test test-all check lint bench engine engines docs snapshots shots dist clean

$(VENV)/.installed: requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tui-migrate needs Python 3.11 or newer: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: $(VENV)/.installed ## open the app on the embedded engine
	$(BIN)/tui-migrate --demo

test: $(VENV)/.installed ## a short form of everything, with live engines where Java and Maven are
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not long"

test-all: $(VENV)/.installed ## the sizes that count; takes long
	$(BIN)/python -m pytest -n 2 --dist worksteal --timeout 3600

lint: $(VENV)/.installed ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

bench: $(VENV)/.installed ## figures as ratios in one run, and as a table in Markdown: make -s bench > table.md
	$(BIN)/python -m benchmarks --table

engines: $(VENV)/.installed ## build the test engines
	$(BIN)/python -m tests.engines build

engine: $(VENV)/.installed ## start one engine with the demo processes: make engine NAME=operaton
	$(BIN)/python -m tests.engines run $(NAME) --demo

docs: $(VENV)/.installed ## write the generated reference of commands and keys
	$(BIN)/python -m scripts.reference

snapshots: $(VENV)/.installed ## write the screens' snapshots anew; look at each before it goes in
	$(BIN)/python -m pytest -n 2 tests/tui --snapshot-update -m "not long"

dist: $(VENV)/.installed ## wheel, sdist and single-file archives
	$(BIN)/python -m scripts.dist

clean:
	rm -rf $(VENV) dist build tests/engines/target
