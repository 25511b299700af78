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
TESTS := --numprocesses 2 --dist loadfile --no-loadscope-reorder -m "not proof and not parity"

export DAGSTER_DISABLE_TELEMETRY := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help run test proofs parity spark-smoke coverage hooks lint lint-types lint-sql ui bench fuzz lock clean docs setup setup-dev generated identity-model spark postgresql

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

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

# jieba comes as source only: built with the locked setuptools, not with one fetched for the purpose.
$(VENV)/.docs: requirements/docs.txt $(VENV)/.run
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --require-hashes --compile-bytecode -r requirements/docs.txt
	@touch $@

# Its own lock and its own target: whoever stays with DuckDB does not pay for half a gigabyte. pyspark comes as source only.
$(VENV)/.spark: requirements/spark.txt $(VENV)/.run
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --require-hashes --compile-bytecode -r requirements/spark.txt
	@touch $@

$(VENV)/.postgresql: requirements/postgresql.txt $(VENV)/.run
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes --compile-bytecode -r requirements/postgresql.txt
	@touch $@

setup: $(VENV)/.run
setup-dev: $(VENV)/.dev
spark: $(VENV)/.spark  ## install Spark beside DuckDB, for `yigongti run --target spark` (needs Java 17)
postgresql: $(VENV)/.postgresql  ## install what lets Dagster keep its memory in PostgreSQL (docs/deploy.md)

run: setup  ## simulate a small county, then extract, conform, build, judge and release three months
	@test -f $(COUNTY)/county.yml || $(BIN)/yigongti county simulate $(COUNTY) --residents $(RESIDENTS) --months $(MONTHS) --end $(END) --seed $(SEED)
	@$(BIN)/yigongti run --county $(COUNTY) --home $(DATA)

test: setup-dev  ## every test, and the linters
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest $(TESTS)

proofs: setup-dev  ## end-to-end proofs that run whole months of their own (their small versions are in `make test`)
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m proof

parity: setup-dev spark  ## Spark against DuckDB on a small county, in one process and on a cluster: every relation, every published file
	@$(BIN)/python -m pytest -m parity tests/parity

spark-smoke: setup-dev spark  ## the part of `make parity` that is quick enough for every day: some twenty models on Spark, in ANSI mode
	@$(BIN)/python -m pytest -m parity tests/parity/test_ansi.py -k slice

coverage: setup-dev  ## every test once more, watched line by line (twice the time): holds the floor of pyproject.toml, pages in build/coverage_pages
	@$(BIN)/python -m pytest $(TESTS) --cov --cov-report=html:build/coverage_pages

hooks: setup-dev  ## look through every commit before it is made: ruff, sqlfluff, YAML, private keys
	@$(BIN)/pre-commit install

lint: setup-dev  ## ruff, types, import rules, versions of contracts, sqlfluff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "run: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m sources.contracts.versions
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target lint-types lint-sql

lint-types: setup-dev
	@$(BIN)/mypy

lint-sql: setup-dev
	@$(BIN)/sqlfluff lint --disable-progress-bar --processes 2 dbt_project

ui: setup  ## Dagster web server and daemon on loopback, http://127.0.0.1:3000
	@$(BIN)/yigongti ui --county $(COUNTY) --home $(DATA)

bench: setup-dev  ## measurements, as ratios against a named alternative
	@$(BIN)/python -m benchmarks

generated: setup-dev  ## write anew what contracts, KPIs and models generate: dictionaries, staging models, seeds, handbook
	@$(BIN)/python -m sources.contracts.versions --accept
	@$(BIN)/python -m sources.contracts.dictionary
	@$(BIN)/python -m sources.contracts.staging_models
	@$(BIN)/python -m orchestration.kpi_generated
	@$(BIN)/python -m orchestration.publishing.mart_dictionary

docs: $(VENV)/.docs  ## the pages, dictionaries and models as one folder that needs no network: site/index.html
	@mkdir -p build/docs_home/warehouse
	@cd dbt_project && YIGONGTI_HOME=../build/docs_home ../$(BIN)/dbt --quiet docs generate --static --empty-catalog --profiles-dir . --target-path ../build/dbt_docs --log-path ../build/dbt_docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --clean --strict
	@echo "文档已生成 documentation: site/index.html"

fuzz: setup-dev  ## damage files of every format at random for FUZZ_SECONDS: each must end read or refused
	@$(BIN)/python -m tests.sources.connectors.fuzzing --seconds $(FUZZ_SECONDS) --seed $(FUZZ_SEED)

identity-model: setup-dev  ## estimate the weights of the person index anew from simulated registers (fixed seed)
	@$(BIN)/python -m sources.identity_training.training

lock: $(BIN)/uv  ## resolve requirements/*.in into hashed locks
	@cd requirements && for name in uv run dev docs spark postgresql; do ../$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras $$name.in --output-file $$name.txt; done

clean:  ## remove the environment, the demo county and its home, what was built
	rm -rf $(VENV) $(COUNTY) $(DATA) .yigongti build site
