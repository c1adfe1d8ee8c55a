.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := bash

PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2
PACKAGES := shared $(wildcard services/*) sandbox lab demo
MANIFESTS := $(PACKAGES:%=%/pyproject.toml)

.PHONY: help setup chromium demo test simulate chaos model mutants check docs format bench bench-browser lock clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready ## Make .venv and install the locked packages (only when the lock has changed)

.venv/.ready: requirements.lock pyproject.toml $(MANIFESTS) tools/setup
	@echo "Installing into .venv"
	@PYTHON="$(PYTHON)" tools/setup

chromium: setup ## See to a Chromium for reposts; installs one where it may
	@tools/chromium

demo: setup chromium ## Run the main job on this machine (KEEP=1: leave it running at the end)
	@$(BIN)/python -m chorus_demo $(if $(KEEP),--keep)

test: setup chromium ## Run the tests on a real Postgres and a real Kafka (ARGS: for pytest, JOBS=2)
	$(BIN)/python -m pytest $(if $(filter-out 0 1,$(JOBS)),--numprocesses $(JOBS)) $(ARGS)

model: setup ## Try as many orders of everything that can happen (EXAMPLES=10000), judged by the truth
	MODEL_EXAMPLES=$(or $(EXAMPLES),10000) $(BIN)/python -m pytest -q --timeout 0 tests/unit/model

mutants: setup ## Break each rule on purpose: some test must fail (ARGS: for tools/mutants.py)
	@$(BIN)/python tools/mutants.py $(ARGS)

check: setup ## Formatting, lints, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: setup ## Write what in the documents follows from the code
	@$(BIN)/python tools/docs.py

format: setup ## Format, and mend what lints can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

simulate: setup ## Run seeds of the simulation (SEEDS=1-20, or 7; see tests/simulation/)
	@PYTHONHASHSEED=0 $(BIN)/python -m tests.simulation $(or $(SEEDS),1-20) $(ARGS)

chaos: setup ## Run storms of full size, one after the other (SEED=42 for one, MINUTES=60 for many)
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

bench: setup ## Measure (see benchmarks/)
	@$(BIN)/python -m benchmarks $(ARGS)

bench-browser: setup chromium ## Measure reposts in the pool against simple scripts
	@$(BIN)/python -m benchmarks.browser_pool $(ARGS)

lock: ## Work out requirements.lock anew (UPGRADE=1: take newer versions)
	$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header \
	  --no-emit-package chorus --no-emit-package chorus-lab --no-emit-package chorus-sandbox \
	  $(if $(UPGRADE),--upgrade) --group pyproject.toml:dev --output-file requirements.lock \
	  $(MANIFESTS)

clean: ## Remove caches and the data of local runs
	rm -rf var .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +
