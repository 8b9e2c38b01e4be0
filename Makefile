# Every command of the project; `make help` lists them. The work is done by scripts/.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin

.PHONY: help setup run dev test test-unit check fmt audit image egress-image bench soak doctor openapi lock clean

##@ Everyday
help: ## List these commands
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## Set up what is missing, then start ByteMe and print its address
	@exec $(PY)/byteme serve

dev: setup ## Start the server and the front end's development server
	@scripts/dev.sh

setup: ## Engine, Python packages, front end, sandbox image: whatever is not there yet
	@scripts/bootstrap.sh

doctor: ## Look for what is wrong with this installation
	@$(PY)/byteme doctor

##@ Quality
test: ## Every check and every test, on the real engine
	@scripts/test.sh

test-unit: ## Only the tests that need no engine, in seconds
	@$(PY)/pytest -q tests/unit tests/test_architecture.py

check: ## Style, types and import arrows; runs nothing
	@scripts/check.sh

fmt: ## Put every file into its canonical form
	@$(PY)/ruff check --fix-only -q . && $(PY)/ruff format .
	@frontend/.tools/node_modules/.bin/npm --prefix frontend run format

audit: ## Look for weak spots in the source, and for known ones in what the locks pin
	@scripts/audit.sh

bench: setup ## Measure against plain Docker and a peer (ARGS="--quick": in minutes)
	@scripts/bench.sh $(ARGS)

soak: setup ## Thousands of runs while server and containers are killed at random (ARGS="--runs 1000 --seed 7")
	@$(PY)/python3 -m scripts.soak $(ARGS)

##@ Made files
image: ## Build the sandbox image, if its files changed
	@scripts/sandbox_image.sh

egress-image: ## Build the proxy's image for runs that may use the network (REFRESH=1: with the newest packages)
	@scripts/egress_image.sh

openapi: ## Write frontend/openapi.json and the types made from it
	@$(PY)/byteme openapi > .setup/openapi.json && mv .setup/openapi.json frontend/openapi.json
	@frontend/.tools/node_modules/.bin/npm --prefix frontend run types

lock: ## Resolve all requirements anew, with hashes
	@scripts/lock.sh

clean: ## Remove what was built or installed here; runs, images and settings stay
	@rm -rf .venv .setup frontend/node_modules frontend/dist frontend/.tools sandbox-image/wheels
	@rm -rf .mypy_cache .ruff_cache .pytest_cache *.egg-info
