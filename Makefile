# Everything runs in .venv, made on first use with the exact versions of constraints.txt.
# Needed: Python 3.11 to 3.13, make, and a package index.

PYTHON ?=
VENV ?= .venv
WORKERS ?= 2
PYTEST_ARGS ?=
BIN := $(VENV)/bin
# Bytecode is compiled when a module is first imported: compiling all of TensorFlow would take longer than installing it.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile
LOCKED := $(PIP) --constraint constraints.txt --no-build-isolation

export TF_CPP_MIN_LOG_LEVEL ?= 3
export KERAS_BACKEND ?= tensorflow

.DEFAULT_GOAL := help
.PHONY: help quickstart test test-all lint format types docs bench-step constraints clean distclean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

quickstart: $(VENV)/.installed  ## install, then train a first GAN on handwritten digits and say where its pictures are
	$(BIN)/tfgan-tricks train --config configs/digits_quickstart.py --workdir runs/quickstart

test: lint types docs  ## install, then lint, types, documentation, fast tests and docstring examples
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup --doctest-modules $(PYTEST_ARGS) tfgan_tricks tests

test-all: lint types docs  ## the same with the slow tests
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup --doctest-modules -m "slow or not slow" $(PYTEST_ARGS) tfgan_tricks tests

lint: $(VENV)/.installed-dev  ## ruff: rules and format, changing nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.installed-dev  ## ruff: fix and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.installed-dev  ## mypy on the package
	$(BIN)/mypy

docs: $(VENV)/.installed-dev  ## build docs/_build/html; a warning is an error
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

bench-step: $(VENV)/.installed-dev  ## time a training step against PyTorch (installed if missing) and plain Keras
	$(BIN)/python -c "import torch" 2>/dev/null || $(LOCKED) -e '.[benchmark]'
	$(BIN)/python benchmarks/step.py

constraints:  ## make constraints.txt anew from the ranges in setup.py
	rm -rf build/lock && mkdir -p build
	$(MAKE) --no-print-directory VENV=build/lock build/lock/bin/python
	build/lock/bin/python -m pip install --quiet --no-compile --upgrade setuptools wheel
	build/lock/bin/python -m pip install --quiet --no-compile --no-build-isolation -e '.[dev,docs]'
	{ sed '/^[^#]/,$$d' constraints.txt; \
	  build/lock/bin/python -m pip freeze --all --exclude pip --exclude-editable; } > build/constraints.txt
	mv build/constraints.txt constraints.txt
	rm -rf build/lock

clean:  ## remove what was built, keep the environment and the runs
	rm -rf build dist docs/_build docs/tricks .pytest_cache .mypy_cache .ruff_cache

distclean: clean  ## remove the environment too
	rm -rf $(VENV) *.egg-info

# The first Python on the path that the package supports, or PYTHON=... as given.
$(VENV)/bin/python:
	@for candidate in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
	  if $$candidate -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then \
	    echo "$$candidate -m venv $(VENV)"; exec $$candidate -m venv $(VENV); \
	  fi; \
	done; \
	echo "No Python 3.11, 3.12 or 3.13 found: install one, or name it with make PYTHON=/path/to/python3.11" >&2; exit 1

# setuptools and wheel come first, pinned like the rest, so that nothing is built with an unpinned one.
$(VENV)/.installed: setup.py constraints.txt | $(VENV)/bin/python
	$(LOCKED) setuptools wheel
	$(LOCKED) -e .
	@touch $@

$(VENV)/.installed-dev: setup.py constraints.txt | $(VENV)/bin/python
	$(LOCKED) setuptools wheel
	$(LOCKED) -e '.[dev,docs]'
	@touch $@ $(VENV)/.installed
