# Everything a checkout can do. Each target sets up what it needs; only Python 3.11, git and make must be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check bench soak crash container clean

$(READY): pyproject.toml constraints.txt
	@echo "Setting up an environment in $(VENV) (once; takes a minute) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kartoteka needs Python 3.11 or newer; say which with: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(READY)  ## a sample workbook, and the main job on it
	@$(BIN)/kartoteka demo demo

test: $(READY)  ## every test
	@$(BIN)/pytest -n 3

check: $(READY)  ## style, types, floors, the Dockerfile
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/hadolint Dockerfile

bench: $(READY)  ## the table of the README, measured now
	@$(BIN)/python -m tests.benchmarks --write

soak: $(READY)  ## hours beside people, faults, other runners and kills; a year of the service, and a real hour of it
	@$(BIN)/python -m tests.soak.beside_people
	@$(BIN)/python -m tests.soak.through_faults
	@$(BIN)/python -m tests.soak.runners
	@$(BIN)/python -m tests.soak.kills
	@$(BIN)/python -m tests.soak.service_year
	@$(BIN)/python -m tests.soak.service_hour

crash: $(READY)  ## a thousand kills in live mode, and as many at Postfix with Dovecot: no letter twice, none lost
	@$(BIN)/python -m tests.soak.crashes

container: $(READY)  ## the steps of the Dockerfile and what they make, without an engine; as root, on Linux
	@$(BIN)/python -m tests.soak.container

clean:
	rm -rf $(VENV) demo dist build
