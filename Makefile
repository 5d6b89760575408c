# trainctl: `make run` trains the first model, `make test` checks everything. Both make .venv where it is missing.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
CONFIG ?= configs/mnist.yaml
STAMP  := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install run test test-fast check format lint types imports schema golden benchmark clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 16

install: $(STAMP)  ## make .venv and install trainctl with its development tools

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo "trainctl needs Python 3.11, 3.12 or 3.13; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

run: install  ## train a digit classifier: trainctl run configs/mnist.yaml
	$(BIN)/trainctl run $(CONFIG)

test: install check  ## run everything: format, lint, types, floors, all tests
	$(BIN)/python -m pytest

test-fast: install  ## the tests that need no TensorFlow and no patience
	$(BIN)/python -m pytest -m "not tf and not slow"

check: lint types imports  ## format, lint, types and floors

format: install  ## rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: install  ## format and lint, without changing anything
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: install  ## mypy, strict
	$(BIN)/mypy

imports: install  ## no floor imports one above it
	$(BIN)/lint-imports

schema: install  ## write schemas/experiment.schema.json anew
	$(BIN)/trainctl schema --write schemas/experiment.schema.json

golden: install  ## write the expected diagnostics anew; review the diff
	$(BIN)/python tests/golden/regenerate.py

benchmark: install  ## measure start-up and training against TensorFlow and a hand-written script
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/train_mlp.py

clean:  ## remove .venv, caches and builds; runs/ stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
