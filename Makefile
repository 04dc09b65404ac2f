# make        build everything: check, data package, site (in dist/)
# make test   run all tests
# make check  check the data, as every pull request is checked
# make serve  show the site on this machine, rebuilt as you edit

PYTHON ?= python3
BIN := .venv/bin
FORMAT ?= text

.PHONY: build test check serve lint mutate benchmark benchmark-explore lock release clean

build: .venv/installed
	@$(BIN)/python scripts/build.py

check: .venv/installed
	@$(BIN)/python scripts/check.py --format $(FORMAT)

serve: .venv/installed
	@$(BIN)/python scripts/serve.py

test: .venv/installed-test
	@$(BIN)/python -m pytest

lint: .venv/installed-test
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

# plant faults in real records and count what the check catches (minutes)
mutate: .venv/installed
	@$(BIN)/python scripts/mutate.py

# how long the check takes beside other tools (minutes)
benchmark: .venv/installed-test
	@$(BIN)/python scripts/benchmark.py

# how fast Explore of the built site answers in Chromium, beside two table libraries (minutes)
benchmark-explore: .venv/installed-test
	@$(BIN)/python scripts/benchmark_explore.py

# make release DATE=2026-11-21 [VERSION=1.0.0]
release: .venv/installed
	@$(BIN)/python scripts/release.py $(DATE) $(VERSION)

.venv/installed: requirements.txt
	@echo "Setting up .venv (once, a minute) …"
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; try: make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	@touch $@

.venv/installed-test: requirements-test.txt .venv/installed
	@echo "Adding what the tests need to .venv (once, a minute) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-test.txt
	@touch $@

# after a change of dependencies in pyproject.toml; needs uv
lock:
	uv pip compile --quiet pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --output-file requirements.txt
	uv pip compile --quiet pyproject.toml --group test --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --output-file requirements-test.txt

clean:
	rm -rf build dist .pytest_cache .ruff_cache
