# The commands of this project; people and CI run the same ones.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

# The first of these that is new enough. Another one: make run PYTHON=/path/to/python3
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
IMPORTS := PYTHONPATH=lambda:.
# Where a machine has Terraform's providers in a folder instead of the registry.
test rehearse plan apply deploy destroy smoke drift: export TERRAFORM_PLUGIN_DIR ?= $(shell find / -maxdepth 5 -type d -not -path '/proc/*' \
	-path '*/registry.terraform.io/hashicorp/aws' 2>/dev/null | sed -n '1s|/registry.*||p')
PINNED := lambda run dev checkov audit
LOCKED := client dev/redocly tests/lighthouse
NODE := PATH="$(CURDIR)/$(BIN):$$PATH"

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: .venv/run ## Run everything on this machine, without an AWS account (PORT=8000)
	@$(IMPORTS) exec $(BIN)/python -m dev

.PHONY: build
build: .venv/run ## Build the zip for AWS Lambda and its bill of materials, in build/
	@$(IMPORTS) $(BIN)/python -m dev.package $(BUILD_OPTIONS)

.PHONY: test
test: lint browser .venv/checkov $(LOCKED:=/node_modules) ## Run all checks and tests; installs what they need
	@$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile

.PHONY: rehearse
rehearse: browser ## Deploy to a local AWS, with the real Terraform and the real zip
	@$(BIN)/python -m pytest tests/test_rehearsal.py

.PHONY: plan
plan: .venv/run ## Plan a deployment of build/visits.zip, and save the plan
	@$(IMPORTS) $(BIN)/python -m dev.deploy plan

.PHONY: apply
apply: .venv/run ## Apply the saved plan
	@$(IMPORTS) $(BIN)/python -m dev.deploy apply

.PHONY: deploy
deploy: build ## Plan, show, ask, and apply to your AWS account
	@$(IMPORTS) $(BIN)/python -m dev.deploy deploy

.PHONY: destroy
destroy: .venv/run ## Delete everything from your AWS account, the counts too
	@$(IMPORTS) $(BIN)/python -m dev.deploy destroy

.PHONY: smoke
smoke: browser ## Watch what is deployed, on its page (SITE_URL=...), and look for drift
	@$(IMPORTS) $(BIN)/python -m dev.smoke

.PHONY: drift
drift: .venv/run ## Compare the live API with openapi.yaml
	@$(IMPORTS) $(BIN)/python -m dev.drift

.PHONY: configured
configured: ## Check what GitHub needs to deploy
	@"$(PYTHON)" -m dev.pipeline.settings

# What the workflows call, with the runner's environment. Values from elsewhere stand in the environment
# too, where neither make nor a shell reads them.
.PHONY: ci-ok
ci-ok:
	@"$(PYTHON)" -m dev.pipeline.needs

.PHONY: comment
comment: .venv/run
	@$(BIN)/python -m dev.pipeline.comment "$$TOPIC" "$$FILE"

.PHONY: incident-open
incident-open: .venv/run
	@$(BIN)/python -m dev.pipeline.incident open "$$KIND"

.PHONY: incident-close
incident-close: .venv/run
	@$(BIN)/python -m dev.pipeline.incident close "$$KIND"

.PHONY: live
live: .venv/run
	@$(BIN)/python -m dev.pipeline.live

.PHONY: conclude
conclude: .venv/run
	@$(BIN)/python -m dev.pipeline.conclude

.PHONY: contract-diff
contract-diff: dev/redocly/node_modules ## Tell what changed in openapi.yaml, and whether its version does (BASE=origin/main)
	@$(IMPORTS) $(BIN)/python -m dev.contract_diff

.PHONY: reference
reference: dev/redocly/node_modules ## Make the API reference from openapi.yaml, one page in build/reference/
	@$(IMPORTS) $(BIN)/python -m dev.reference

.PHONY: benchmark
benchmark: .venv/dev ## Measure what validation costs, as a ratio
	@$(IMPORTS) $(BIN)/python -m benchmarks.validation

.PHONY: audit
audit: .venv/audit ## Look for known vulnerabilities in everything that is installed here
	@failed=0; for name in $(PINNED); do echo "$$name"; .venv/audit/bin/pip-audit --strict --disable-pip \
		--require-hashes --progress-spinner=off --requirement=requirements/$$name.txt || failed=1; done; \
	for folder in $(LOCKED); do echo "$$folder"; (cd $$folder && npm audit --package-lock-only) || failed=1; done; \
	exit $$failed

.PHONY: lint
lint: .venv/dev ## Check style, types, workflows, and that no secret is committed
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/actionlint
	@$(BIN)/zizmor --quiet --offline --persona=pedantic --config=.github/zizmor.yml .github
	@$(BIN)/check-jsonschema --quiet --builtin-schema=vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema=vendor.github-actions .github/actions/*/action.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema=vendor.dependabot .github/dependabot.yml
	@git ls-files -z | xargs -0 $(BIN)/detect-secrets-hook --disable-plugin=HexHighEntropyString \
		--exclude-secrets='^test$$' --exclude-files='package-lock.json$$|requirements/.*\.txt$$'

.PHONY: format
format: .venv/dev ## Format the code
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

.PHONY: browser
browser: .venv/dev ## Make sure that there is a browser for the tests
	@$(BIN)/python -m e2e.browser

.PHONY: client
client: client/node_modules ## Make client/dist and the site's copies from openapi.yaml again
	@cd client && $(NODE) npm run --silent build

.PHONY: e2e
e2e: browser ## Watch the local stack, or a live site (SITE_URL=... API_URL=... REQUIRE_LIVE=1)
	@$(BIN)/python -m pytest e2e $$($(BIN)/python -m e2e.browser --installed)

.PHONY: screenshots
screenshots: browser ## Take the pictures of the page in docs/ again
	@$(IMPORTS) $(BIN)/python -m e2e.screenshots

.PHONY: lock
lock: .venv/dev ## Pin the newest packages again, from requirements/*.in
	@for name in $(PINNED); do $(BIN)/uv pip compile --quiet --upgrade --universal \
		--python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links --override requirements/override.txt \
		requirements/$$name.in --output-file requirements/$$name.txt; done

.PHONY: clean
clean: ## Delete what was built or installed here; counts in .data/ stay
	@rm -rf .venv build .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results
	@rm -rf $(LOCKED:=/node_modules)

# --no-deps: the files are complete, and say themselves where they overrule a package.
.venv/run .venv/dev: .venv/%: requirements/%.txt
	@test -n "$(PYTHON)" || { echo "This needs Python 3.11 or newer, and found none. Install one, \
	or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; }
	@echo "Installing requirements/$*.txt into .venv ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		-r requirements/$*.txt
	@touch $@

.venv/checkov .venv/audit: .venv/%: requirements/%.txt .venv/run
	@echo "Installing $< into $@ ..."
	@$(BIN)/python -m venv $@
	@$@/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

%/node_modules: %/package-lock.json .venv/dev
	@echo "Installing $< ..."
	@cd $* && $(NODE) npm ci --silent --ignore-scripts
	@touch $@
