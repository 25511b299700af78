# Two commands matter: `make run` and `make test`. Each sets up what it needs. `make help` lists the rest.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
COUNTY ?= demo
DATA ?= data
RESIDENTS ?= 20000
MONTHS ?= 3
END ?= 2025-03
SEED ?= 7
FUZZ_SECONDS ?= 300
FUZZ_SEED ?= 1

export DAGSTER_DISABLE_TELEMETRY := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help run test lint ui bench fuzz lock clean setup setup-dev generated identity-model

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(BIN)/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "需要 Python 3.11 / Python 3.11 is needed (set PYTHON=...)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.run: requirements/run.txt pyproject.toml $(BIN)/uv
	@echo "安装锁定的依赖(首次约一分钟) / installing the locked dependencies (about a minute the first time)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes --compile-bytecode -r requirements/run.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes --compile-bytecode -r requirements/dev.txt
	@touch $@

setup: $(VENV)/.run
setup-dev: $(VENV)/.dev

run: setup  ## simulate a small county, then extract, conform, build, judge and release three months
	@test -f $(COUNTY)/county.yml || $(BIN)/yigongti county simulate $(COUNTY) --residents $(RESIDENTS) --months $(MONTHS) --end $(END) --seed $(SEED)
	@$(BIN)/yigongti run --county $(COUNTY) --home $(DATA)

test: setup-dev  ## every test, and the linters
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: setup-dev  ## ruff, types, import rules, versions of contracts, sqlfluff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "run: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m sources.contracts.versions
	@$(BIN)/sqlfluff lint --disable-progress-bar dbt_project

ui: setup  ## Dagster web server and daemon on loopback, http://127.0.0.1:3000
	@$(BIN)/yigongti ui --county $(COUNTY) --home $(DATA)

bench: setup-dev  ## measurements, as ratios against a named alternative
	@$(BIN)/python -m benchmarks

generated: setup-dev  ## write anew what the contracts generate: dictionary, staging models
	@$(BIN)/python -m sources.contracts.versions --accept
	@$(BIN)/python -m sources.contracts.dictionary
	@$(BIN)/python -m sources.contracts.staging_models

fuzz: setup-dev  ## damage files of every format at random for FUZZ_SECONDS: each must end read or refused
	@$(BIN)/python -m tests.sources.connectors.fuzzing --seconds $(FUZZ_SECONDS) --seed $(FUZZ_SEED)

identity-model: setup-dev  ## estimate the weights of the person index anew from simulated registers (fixed seed)
	@$(BIN)/python -m sources.identity_training.training

lock: $(BIN)/uv  ## resolve requirements/*.in into hashed locks
	@cd requirements && for name in uv run dev; do ../$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras $$name.in --output-file $$name.txt; done

clean:  ## remove the environment, the demo county and its home
	rm -rf $(VENV) $(COUNTY) $(DATA) .yigongti
