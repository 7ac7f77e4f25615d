# The commands of this project; people and CI run the same ones.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

# The first of these that is new enough. Another one: make run PYTHON=/path/to/python3
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
IMPORTS := PYTHONPATH=lambda:.

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: .venv/run ## Run everything on this machine, without an AWS account (PORT=8000)
	@$(IMPORTS) exec $(BIN)/python -m dev

.PHONY: build
build: .venv/run ## Build the zip for AWS Lambda and its bill of materials, in build/
	@$(IMPORTS) $(BIN)/python -m dev.package

.PHONY: test
test: lint browser ## Run all checks and tests; installs what they need
	@$(BIN)/python -m pytest

.PHONY: lint
lint: .venv/dev ## Check style and types
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy

.PHONY: format
format: .venv/dev ## Format the code
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

.PHONY: browser
browser: .venv/dev ## Make sure that there is a browser for the tests
	@$(BIN)/python -m e2e.browser

.PHONY: lock
lock: .venv/dev ## Pin the newest packages again, from requirements/*.in
	@for name in lambda run dev; do $(BIN)/uv pip compile --quiet --upgrade --universal \
		--python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links --override requirements/override.txt \
		requirements/$$name.in --output-file requirements/$$name.txt; done

.PHONY: clean
clean: ## Delete what was built or installed here; counts in .data/ stay
	@rm -rf .venv build .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results

# --no-deps: the files are complete, and say themselves where they overrule a package.
.venv/run .venv/dev: .venv/%: requirements/%.txt
	@test -n "$(PYTHON)" || { echo "This needs Python 3.11 or newer, and found none. Install one, \
	or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; }
	@echo "Installing requirements/$*.txt into .venv ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		-r requirements/$*.txt
	@touch $@
