# Kartabl: `make run` starts it, `make demo` fills it with a demo company, `make test` proves it.
SHELL := /bin/bash
PY := .venv/bin/python
FLASK := .venv/bin/flask
WORKERS ?= 2
ARGS ?=

.PHONY: help setup setup-dev run demo test check format lint types layers catalogue fast bench soak lock vendor clean

help: ## what there is to do
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 14

setup: ## virtual environment and Debian packages to run Kartabl
	@bin/setup

setup-dev: ## the same, and all that the tests need
	@bin/setup --dev

run: setup ## set up, migrate, start web and worker
	@exec $(PY) run.py

demo: setup ## add a demo company to the database (ARGS="--customers 1000 --seed 7")
	@$(FLASK) kartabl init
	@$(FLASK) kartabl demo $(ARGS)

test: setup-dev ## everything, on a machine with nothing installed by hand
	@bin/test $(ARGS)

check: setup-dev ## what has to pass before every commit
	@bin/check $(ARGS)

format: ## write the files as the formatter wants them
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix --select I,UP .

lint: ## format, lint and house rules
	@bin/check format lint house

types: ## the type checker
	@bin/check types

layers: ## imports point down only
	@bin/check layers

catalogue: ## every sentence on screen has its Persian translation
	@bin/check catalogue

fast: ## tests without servers and browsers
	@bin/check fast

bench: setup-dev ## the figures of README.md (ARGS="--only import")
	@$(PY) -m bench $(ARGS)

soak: setup-dev ## long tests: numbering under kill -9, days of sweeps
	@$(PY) -m pytest -m soak --timeout 3600 tests $(ARGS)

lock: ## make both lock files anew from pyproject.toml (ARGS="--upgrade")
	@bin/lock $(ARGS)

vendor: ## fetch the browser assets anew
	@$(PY) bin/vendor_assets.py

clean: ## everything that can be made again; the data folder stays
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis tests/artifacts
	find app imports reports tests babel -name '*.mo' -delete -o -name __pycache__ -type d -prune -exec rm -rf {} +
