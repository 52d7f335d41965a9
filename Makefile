# The chores. `make` alone lists them; each sets up what it needs first.

PYTHON ?= python3
BIN    := .venv/bin
PY     := $(BIN)/python
STAMP  := .venv/.installed

.DEFAULT_GOAL := list
.PHONY: list setup demo test up lint types format bench bench-peers soak docs

list:
	@echo "make demo      import examples/customers.csv and show the result"
	@echo "make test      run the whole test suite against real services"
	@echo "make up        run the whole system in the foreground; Ctrl-C stops it"
	@echo "make lint      style, types and layers"
	@echo "make types     types alone"
	@echo "make format    put the code into its form"
	@echo "make bench     measure speed and memory"
	@echo "make bench-peers  install the importers that ours is measured beside"
	@echo "make soak      long storms of faults, then import for a long time and watch memory and disk"
	@echo "make docs      hold the documentation to the code"

setup: $(STAMP)
	@:

# Done again only when the locked packages or the project's own description change.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@echo "Setting up .venv; the first time takes a minute or two." >&2
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# `--again`, because the file's bytes are the same at the second demo.
demo: $(STAMP)
	@$(BIN)/personas import examples/customers.csv --accept-terms --again --name Demo
	@$(BIN)/personas history --limit 5

test: $(STAMP)
	@$(PY) -m pytest -n 2 --dist loadfile

up: $(STAMP)
	@exec $(BIN)/personas up

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(PY) -m mypy
	@$(BIN)/lint-imports

types: $(STAMP)
	@$(PY) -m mypy

format: $(STAMP)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(STAMP)
	@$(PY) -m bench

# In an environment of their own, which the product knows nothing of.
bench-peers: $(STAMP)
	@$(PY) -m bench.questions.peers

soak: $(STAMP)
	@$(PY) -m pytest -m soak --timeout 3600
	@$(PY) -m bench.storm
	@$(PY) -m bench.soak

docs: $(STAMP)
	@$(PY) -m pytest -q -k docs
