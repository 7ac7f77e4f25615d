# The commands of this project. People and CI run the same ones.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

# The first of these that is new enough. To use another one: make run PYTHON=/path/to/python3
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
# The commands that test look for Terraform's providers on this machine, once, and download them if there are none.
# The commands of an owner use what TERRAFORM_PLUGIN_DIR or Terraform's own configuration names.
MIRROR = $(eval MIRROR := $(shell find / -maxdepth 5 -type d -not -path '/proc/*' \
	-path '*/registry.terraform.io/hashicorp/aws' 2>/dev/null | sed -n '1s|/registry.*||p'))$(MIRROR)
test rehearse: export TERRAFORM_PLUGIN_DIR ?= $(or $(MIRROR),$(CURDIR)/.venv/providers)
# Terraform warns at each start about a configuration file that does not exist.
test rehearse: export TF_CLI_CONFIG_FILE := $(shell ! test -e "$$TF_CLI_CONFIG_FILE" || echo "$$TF_CLI_CONFIG_FILE")
PINNED := uv lambda run dev mutants checkov audit
LOCKED := client contract/redocly tests/client/consumer
NODE := PATH="$(CURDIR)/$(BIN):$$PATH"

.PHONY: help run build test suite test-fast mutants rehearse trust plan apply deploy bootstrap preflight
.PHONY: destroy smoke drift rollback github counts correct import export repair staging production
.PHONY: watch report contract-diff reference bench scale audit lint format git browser generate e2e
.PHONY: screenshots lock clean

help: ## run: List the commands. CONTRIBUTING.md names some more
	@awk -F ':.*## |: ' '/^[a-z0-9-]+:.*## / { lines[$$2] = lines[$$2] sprintf("  make %-14s %s\n", $$1, $$3) } \
		END { printf "To run and test it\n%s\nTo own a deployment\n%s\nTo develop\n%s", \
		lines["run"], lines["own"], lines["develop"] }' $(MAKEFILE_LIST)

run: .venv/run ## run: Run everything on this machine, without an AWS account (PORT=8000)
	@exec $(BIN)/python -m local

build: .venv/run # Build the zip for AWS Lambda, in build/
	@$(BIN)/python -m release.package $(BUILD_OPTIONS)

PYTEST := $(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder

test: ## run: Run all checks and the tests that deploy nothing
	@$(MAKE) --no-print-directory --jobs=2 --keep-going suite lint

suite: git browser .venv/providers .venv/checkov/installed $(LOCKED:=/node_modules/installed)
	@$(PYTEST) tests e2e --ignore=tests/rehearsal

test-fast: git .venv/dev ## run: Run the tests that need no browser, Terraform or Node
	@$(PYTEST) tests --quiet -m "not slow" --ignore=tests/rehearsal

mutants: .venv/dev .venv/mutants # Change lambda/ in 300 small ways, show the changes that no test detects, print the score
	@$(BIN)/python -m tests.visits.mutants

rehearse: git browser .venv/providers client/node_modules/installed contract/redocly/node_modules/installed ## run: Run the tests that deploy to an emulated AWS, with the real Terraform and zip
	@$(PYTEST) tests/rehearsal

trust: .venv/dev ## develop: Test with fresh examples, and that counting is exact under faults and kills (SEED=1)
	@$(BIN)/python -m tests.trust

plan: .venv/run # Plan a deployment of build/visits.zip and save the plan
	@$(BIN)/python -m release.deploy plan

apply: .venv/run # Apply the saved plan
	@$(BIN)/python -m release.deploy apply

deploy: .venv/run ## own: Build, plan, ask and deploy to your AWS account
	@$(BIN)/python -m release.deploy deploy

bootstrap: .venv/run ## own: Create the state bucket and GitHub's roles, once per AWS account
	@$(BIN)/python -m release.bootstrap

preflight: .venv/run # Find what would fail in a deployment, before anything is deployed
	@$(BIN)/python -m release.preflight

destroy: .venv/run ## own: Delete everything from your AWS account, including the counts
	@$(BIN)/python -m release.destroy

smoke: browser ## own: Test the deployed API on its page (SITE_URL=...) and check for drift
	@$(BIN)/python -m release.smoke

drift: .venv/run ## own: Compare the deployed API with openapi.yaml
	@$(BIN)/python -m release.drift

rollback: git browser ## own: Deploy the last good release again, or a stored one (COMMIT=...), without a build
	@$(BIN)/python -m release.rollout rollback

github: .venv/run ## own: Configure the GitHub repository to deploy, and start the first deployment (SITE_URL=...)
	@$(BIN)/python -m release.github.repository

# Values of the owner may contain a dollar sign, which make would expand.
$(foreach name,COUNTER DATE FILE VISITS VISITORS WHY,$(eval \
	counts correct import export repair: override export $(name) := $$(value $(name))))

counts: .venv/run ## own: Show the numbers of each counter, with a chart and the corrections
correct: .venv/run ## own: Correct the totals of a counter (COUNTER=... VISITS=-7000 VISITORS=0 WHY="...")
import: .venv/run ## own: Add the days of a file to the counters (FILE=... COUNTER=... DATE=column VISITS=column)
export: .venv/run ## own: Write every day of every counter into build/export/visits.csv
repair: .venv/run
counts correct import export repair:
	@$(BIN)/python -m owner $@

# The workflows call these. Values from outside are in the environment, which neither make nor a shell expands.
staging: export DEPLOYMENT := staging
production watch: export DEPLOYMENT :=
staging production watch: browser
	@$(BIN)/python -m release.rollout $@

# It installs nothing: Python's own library and gh are enough.
report:
	@"$(PYTHON)" -m release.github.incident

contract-diff: git contract/redocly/node_modules/installed ## develop: List the changes of openapi.yaml and check its version (BASE=origin/main)
	@$(BIN)/python -m contract.diff

reference: contract/redocly/node_modules/installed # Build the API reference from openapi.yaml, in build/reference/
	@$(BIN)/python -m contract.reference

bench: .venv/dev # Compare the function with boto3 alone and with openapi-core's defaults
	@$(BIN)/python -m release.package --platform host
	@$(BIN)/python -m benchmarks.bench

scale: .venv/dev # Simulate heavy traffic: how many visits a second a counter holds
	@$(BIN)/python -m benchmarks.scale

audit: .venv/audit/installed # Check all pinned packages for known vulnerabilities
	@failed=0; for name in $(PINNED); do echo "$$name"; .venv/audit/bin/pip-audit --strict --disable-pip \
		--require-hashes --progress-spinner=off --requirement=requirements/$$name.txt || failed=1; done; \
	for folder in $(LOCKED); do echo "$$folder"; (cd $$folder && npm audit --package-lock-only) || failed=1; done; \
	exit $$failed

lint: git .venv/dev ## develop: Check style, types, imports, spelling, the contract, workflows and secrets
	@echo "Checking style and types ..."
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@echo "Checking imports and the contract ..."
	@PYTHONPATH=lambda $(BIN)/lint-imports --no-cache >/dev/null || PYTHONPATH=lambda $(BIN)/lint-imports
	@$(BIN)/python -m contract.lint >/dev/null || $(BIN)/python -m contract.lint
	@$(BIN)/python -m contract.generation --check
	@echo "Checking spelling, workflows and secrets ..."
	@git ls-files -z | xargs -0 $(BIN)/codespell
	@$(BIN)/actionlint
	@$(BIN)/zizmor --quiet --offline --persona=pedantic --config=.github/zizmor.yml .github
	@$(BIN)/check-jsonschema --quiet --builtin-schema=vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema=vendor.github-actions .github/actions/*/action.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema=vendor.dependabot .github/dependabot.yml
	@git ls-files -z | xargs -0 $(BIN)/detect-secrets-hook --disable-plugin=HexHighEntropyString \
		--exclude-secrets='^(test|visits-secrets|import \{.*)$$' --exclude-files='package-lock.json$$|requirements/.*\.txt$$'

format: .venv/dev # Format the code
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

git:
	@git rev-parse --git-dir >/dev/null 2>&1 || { \
	echo "make $(MAKECMDGOALS) reads the history with git. Install git, and clone the repository \
	instead of downloading it."; exit 1; }

browser: .venv/dev # Install a browser for the tests, if there is none
	@$(BIN)/python -m e2e.browser

# The tests initialise copies of the configuration. The provider is downloaded once, from the registry.
.venv/providers: terraform/.terraform.lock.hcl .venv/dev
	@mkdir -p $@
	@test -n "$(MIRROR)" || ! command -v terraform >/dev/null || for folder in terraform terraform/bootstrap; do \
		echo "Downloading the providers of $$folder ..."; \
		TF_PLUGIN_CACHE_DIR="$(CURDIR)/$@" terraform -chdir=$$folder init -backend=false -input=false >/dev/null || exit 1; done
	@touch $@

generate: client/node_modules/installed ## develop: Make the document for API Gateway and the client from openapi.yaml
	@$(BIN)/python -m contract.generation
	@cd client && $(NODE) npm version --no-git-tag-version --allow-same-version --silent "$$(sed -n 's/^  version: //p' ../openapi.yaml)" >/dev/null
	@cd client && $(NODE) npm run --silent build

e2e: browser ## run: Test the local stack, or a site (SITE_URL=... API_URL=... REQUIRE_SITE=1)
	@$(BIN)/python -m pytest e2e $$($(BIN)/python -m e2e.browser --installed)

screenshots: browser # Take the screenshots of the page and the badges in docs/
	@echo "Taking screenshots ..."
	@$(BIN)/python -m tests.site.screenshots

lock: .venv/dev # Pin the newest packages that are a week old, from requirements/*.in
	@for name in $(PINNED); do \
		echo "Pinning requirements/$$name.in ..."; \
		$(BIN)/uv pip compile --quiet --upgrade --exclude-newer '7 days' --universal \
		--python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links --override requirements/override.txt \
		requirements/$$name.in --output-file requirements/$$name.txt; done

clean: # Delete what was built or installed here, but not the counts in .data/
	@rm -rf .venv build .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results
	@rm -rf $(LOCKED:=/node_modules)

# --no-deps: the requirements files list every package, including those of requirements/override.txt.
# uv does not know pip's configuration, for example another index: where uv fails, pip installs.
# An interrupted installation leaves the file "unfinished" behind; then the next make repeats it.
define install
	@$(1)/bin/python -m pip --version >/dev/null 2>&1 || $(2) -m venv --clear $(1)
	@again=; ! test -e $(1)/unfinished || again=--force-reinstall; touch $(1)/unfinished; \
		exact="--quiet --no-deps --require-hashes"; \
		{ $(BIN)/python -m pip install $$exact -r requirements/uv.txt && \
		$(BIN)/python -m uv pip install --python $(1)/bin/python $$exact $$again -r $<; } 2>/dev/null || \
		$(1)/bin/python -m pip install --disable-pip-version-check $$exact $$again -r $<
	@rm $(1)/unfinished
	@touch $@
endef

.venv/run .venv/dev .venv/mutants: .venv/%: requirements/%.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "This needs Python 3.11 or newer: there is none on the PATH, or PYTHON=$(PYTHON) is older or missing."; \
	echo "Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; }
	@echo "Installing $< into .venv ..."
	$(call install,.venv,"$(PYTHON)")

.venv/checkov/installed .venv/audit/installed: .venv/%/installed: requirements/%.txt .venv/dev
	@echo "Installing $< into .venv/$* ..."
	$(call install,.venv/$*,$(BIN)/python)

# npm ci deletes the folder first, and with it the file "installed".
%/node_modules/installed: %/package-lock.json .venv/dev
	@echo "Installing $< ..."
	@cd $* && $(NODE) npm ci --silent --ignore-scripts
	@touch $@
