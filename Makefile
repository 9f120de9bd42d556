# Everyday commands; `make` alone lists them. Needs Python 3.11 or newer, and nothing else.

VENV = .venv
MANAGE = $(VENV)/bin/python manage.py
PORT ?= 8000
SIMULATOR_PORT ?= 8090
DAYS ?= 60
WORKERS ?= 2
ARGS ?=

# A worker that has nothing left takes tests from the other: given out in advance, they left one idle.
SHARING = --dist worksteal

# The first Python that is new enough; PYTHON=/path/to/python chooses another.
NEW_ENOUGH = -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p $(NEW_ENOUGH) && echo $$p && break; done)

# Sample data and the pretend phone, on this machine only.
DEMO_ENV = DEMO=1 DEBUG=1 BASE_URL=http://127.0.0.1:$(PORT) \
	PAYMENT_SIMULATOR_URL=http://127.0.0.1:$(SIMULATOR_PORT)

# The office and its tests start many processes; each would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL = help
.PHONY: help run demo test browser lint fix types bench drill migrations check setup clean

help: ## list these commands
	@grep -E '^[a-z]+:.*## ' Makefile | awk -F ':.*## ' '{ printf "  make %-11s %s\n", $$1, $$2 }'

# gunicorn, as in production; it is quiet, so that the address and the logins stay in sight.
run: $(VENV)/runtime demo ## the back office with sample data at http://127.0.0.1:8000 (PORT=8001, DAYS=7)
	@exec env $(DEMO_ENV) $(VENV)/bin/python bin/start --url http://127.0.0.1:$(PORT)/ \
		web="$(VENV)/bin/gunicorn backoffice.wsgi --bind 127.0.0.1:$(PORT) --threads 8 \
			--log-level warning --graceful-timeout 5 --no-control-socket" \
		worker="$(MANAGE) db_worker --queue-name '*' --no-reload" \
		simulator="$(MANAGE) payment_simulator --port $(SIMULATOR_PORT)"

demo: $(VENV)/runtime ## migrate, and load the sample data into an empty database
	@$(DEMO_ENV) $(MANAGE) migrate --verbosity 0
	@$(DEMO_ENV) $(MANAGE) demo --days $(DAYS)

test: $(VENV)/development ## run the tests (ARGS="tests/sales -k ship", DATABASE_URL=postgres://..., WORKERS=0)
	@$(VENV)/bin/python -m pytest -n $(WORKERS) $(SHARING) $(ARGS)

browser: $(VENV)/development ## run the browser tests only
	@REQUIRE_ALL=1 $(VENV)/bin/python -m pytest -m browser $(ARGS)

lint: $(VENV)/development ## look for mistakes and uneven formatting
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .

fix: $(VENV)/development ## format, and mend what can be mended
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

types: $(VENV)/development ## check the types of services and gateways
	@DEBUG=1 $(VENV)/bin/mypy

bench: $(VENV)/development ## measure spreadsheets and deliveries (ARGS="imports --rounds 5", DATABASE_URL=postgres://...)
	@$(VENV)/bin/python -m benchmarks $(ARGS)

drill: $(VENV)/development ## kill, forge and repeat (ARGS="kills forged --size small", DATABASE_URL=postgres://...)
	@$(VENV)/bin/python -m benchmarks.drills $(ARGS)

migrations: $(VENV)/runtime ## write the migrations that the models need
	@DEBUG=1 $(MANAGE) makemigrations $(ARGS)

check: lint types ## all of it: lint, types, missing migrations, tests
	@DEBUG=1 $(MANAGE) makemigrations --check --dry-run
	@$(MAKE) test

setup: $(VENV)/development ## create the environment with everything, without running anything

clean: ## remove the environment and what tools left behind; the database stays
	rm -rf $(VENV) staticfiles .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The two files mark what is installed, and are redone when the requirements change.
$(VENV)/runtime: requirements.txt
	@test -n "$(PYTHON)" && $(PYTHON) $(NEW_ENOUGH) || { \
		echo "Python 3.11 or newer is needed; $(or $(PYTHON),nothing here) is not. Try: make PYTHON=/path/to/python3.11"; \
		exit 1; }
	@$(VENV)/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing requirements.txt ..."
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/development: requirements-dev.txt requirements-redis.txt $(VENV)/runtime
	@echo "Installing requirements-dev.txt ..."
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
