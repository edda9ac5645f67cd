# Shuangku 双库. Everything runs in .venv; nothing is installed outside this folder.
PYTHON ?= python3
PORT ?= 8000
HOME_FOLDER ?= var
WORKERS ?= 2
BIN := .venv/bin
export SHUANGKU_HOME ?= $(CURDIR)/$(HOME_FOLDER)

.PHONY: demo serve test check bench help

help: ## Show the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Shuangku needs Python 3.11 or later; 需要 Python 3.11 或更高版本 (make demo PYTHON=python3.11)"; exit 1; }
	@echo "Installing, this takes a few minutes 正在安装，需要几分钟 …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt "torch==2.13.0"
	@$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/test-ready: .venv/ready
	@$(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt -e ".[test,production]"
	@touch $@

demo: .venv/ready ## Install, load the demonstration data and serve the market
	@$(BIN)/shuangku init --demo
	@$(BIN)/shuangku serve --port $(PORT)

serve: .venv/ready ## Serve the market with the data that is there
	@$(BIN)/shuangku init
	@$(BIN)/shuangku serve --port $(PORT)

test: .venv/test-ready ## Run all tests; with TEST_DATABASE_URL on that PostgreSQL
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: .venv/test-ready ## Style, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy marketplace matching scrapers config wsgi.py

bench: .venv/test-ready ## Page times at 20,000 listings beside a bare Flask page
	@PYTHONPATH=. $(BIN)/python benchmarks/pages.py
	@PYTHONPATH=. $(BIN)/python benchmarks/ledger.py
	@PYTHONPATH=. $(BIN)/python benchmarks/tables.py
	@PYTHONPATH=. $(BIN)/python benchmarks/scraping.py
