# Two commands matter: `make run` and `make test`. `make help` lists the rest.
# A machine needs python3 (3.11 or newer, with venv) and make; nothing else to run Noon.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.DEFAULT_GOAL := help
.PHONY: help install run test soak check format learn bench clean

help: ## list what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run ## start Noon on its embedded default and print the address to open
	@$(BIN)/python -m bot run

install: $(VENV)/.test ## make .venv with Noon and what its tests need, from hashed requirements

test: $(VENV)/.test check ## install what the tests need and run everything that CI runs
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

soak: $(VENV)/.test ## the long runs: hundreds of kills, 20,000 reminders, storms (hours)
	$(BIN)/python -m pytest -m soak -s tests/soak

check: $(VENV)/.test ## lint, format, types, import directions, and all data
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/noon check

format: $(VENV)/.test ## put the code into its one form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

learn: $(VENV)/.test ## learn the phrasings of rules/phrases anew (a minute)
	$(BIN)/python -m rules.understanding

bench: $(VENV)/.test ## print speed as ratios against a baseline in the same run
	$(BIN)/python -m bench

clean: ## remove the environments and caches
	rm -rf $(VENV) .venv-aiogram .mypy_cache .ruff_cache .pytest_cache tests/ics/js/node_modules \
	  tests/mail/js/node_modules

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Noon needs Python 3.11 or newer: make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock | $(VENV)/bin/python
	$(PIP) --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.test: requirements-test.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r requirements-test.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run
