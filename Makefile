# trainctl: `make run` trains the first model, `make test` checks everything. Both make .venv where it is missing.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
CONFIG ?= configs/mnist.yaml
STAMP  := $(VENV)/.installed
FRONT  := tests/cli tests/config tests/golden tests/program tests/training tests/test_configs.py
PYTHONS := 3.11 3.12 3.13
LANGUAGE_SERVER := yaml-language-server@1.25.0 ajv@8
EXTRAS := audio huggingface mlflow onnx openvino orbax tfds wandb

.DEFAULT_GOAL := help
.PHONY: help install run test test-front test-back test-fast test-extras $(EXTRAS:%=test-extra-%) test-ci test-editor test-lowest $(PYTHONS:%=test-lowest-%) check format lint types imports schema golden benchmark clean

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

test: install check  ## run everything: format, lint, types, floors, all tests, those in two halves at a time
	@$(MAKE) --no-print-directory --keep-going --jobs=2 --output-sync=target test-front test-back

test-front: $(STAMP)  ## one half of the tests
	$(BIN)/python -m pytest -p no:cacheprovider $(FRONT)

test-back: $(STAMP)  ## the other half
	$(BIN)/python -m pytest -p no:cacheprovider $(FRONT:%=--ignore=%)

test-fast: install  ## the tests that need no TensorFlow and no patience
	$(BIN)/python -m pytest -m "not tf and not slow"

test-extras: install  ## each extra in an environment of its own, against the real thing
	@$(MAKE) --no-print-directory --keep-going $(EXTRAS:%=test-extra-%) test-ci

$(EXTRAS:%=test-extra-%): test-extra-%: .venv-%/.installed
	.venv-$*/bin/python -m pytest tests/extras/test_$*.py

# Only what the extra itself brings is installed: the rest is found in $(VENV), unless the extra needs other versions.
.venv-%/.installed: $(STAMP)
	rm -rf .venv-$*
	$(BIN)/python -m venv --without-pip .venv-$*
	echo "import site; site.addsitedir('$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')')" \
		> $$(.venv-$*/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/core.pth
	$(BIN)/python -m pip --python .venv-$*/bin/python install --quiet --editable '.[$*]'
	$(BIN)/python -m pip --python .venv-$*/bin/python check
	@touch $@

test-ci: install  ## the hook under pre-commit itself, and the steps of the Dockerfile
	$(PYTHON) -m venv build/ci
	build/ci/bin/python -m pip install --quiet pre-commit
	$(BIN)/python -m pytest tests/extras/test_ci.py

test-editor: install  ## what editors make of the schema, asked of the language server that most of them use
	@if ! command -v npm > /dev/null; then echo "skipped: there is no npm here"; exit; fi; set -x -e; \
	npm install --silent --no-audit --no-fund --prefix build/editor $(LANGUAGE_SERVER); \
	$(BIN)/python -m pytest tests/extras/test_editor.py

test-lowest: install  ## the wheel with the lowest versions that pyproject.toml allows, on each Python that is here
	@$(MAKE) --no-print-directory --keep-going $(PYTHONS:%=test-lowest-%)

# pyenv keeps its Pythons to itself: its python3.12 answers only where that version is chosen.
$(PYTHONS:%=test-lowest-%): test-lowest-%: $(STAMP)
	@python=$$(for each in python$* "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$*.*/bin/python; do \
		$$each -c 'import sys; print(sys.executable)' 2>/dev/null && break; done); \
	if [ -z "$$python" ]; then echo "skipped: there is no Python $* here"; exit; fi; \
	set -x -e; rm -rf build/wheel-$*; mkdir -p build; \
	$(BIN)/uv venv --quiet --clear --python "$$python" .venv-lowest-$*; \
	$(BIN)/uv pip install --quiet --python .venv-lowest-$* --resolution lowest-direct --extra audio -r pyproject.toml; \
	$(BIN)/python -m build --wheel --outdir build/wheel-$* . > build/wheel-$*.log; \
	$(BIN)/uv pip install --quiet --python .venv-lowest-$* --no-deps build/wheel-$*/*.whl; \
	LOWEST=.venv-lowest-$* $(BIN)/python -m pytest tests/extras/test_lowest.py

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

benchmark: install build/benchmark  ## measure start-up and training against hand-written scripts; writes benchmarks/RESULTS.md
	PYTHONPATH=build/benchmark $(BIN)/python benchmarks/compare.py --write benchmarks/RESULTS.md

build/benchmark:  # what most users have installed beside Keras, and the scripts read tables with
	$(BIN)/python -m pip install --quiet --no-deps --target $@ "pandas>=2.2" pytz tzdata

clean:  ## remove environments, caches and builds; runs/ stays
	rm -rf $(VENV) .venv-* build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
