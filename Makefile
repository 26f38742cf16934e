# `make up` and `make test` are the two commands; the rest are their parts.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help up down test lint lock check clean

help:            ## this list
	@grep -hE '^[a-z][a-zA-Z_-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 18

# Everything is pinned with hashes. pip installs uv first (a wheel, so no downloader script is run), uv the rest.
.venv/.installed: requirements.lock pyproject.toml components/pyproject.toml policies/pyproject.toml sandbox/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3,11) <= sys.version_info[:2] <= (3,13) else "Strongroom needs Python 3.11 to 3.13 and found %d.%d; set PYTHON=python3.12 or similar" % sys.version_info[:2])'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/^[^ ]*==/p' requirements.lock | sed '$$d' > .venv/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e components -e policies -e sandbox
	@touch $@

lock:            ## pin every dependency with hashes (no index addresses)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --group dev --python-version 3.11 \
	  --no-emit-package strongroom --no-emit-package strongroom-policies --no-emit-package strongroom-sandbox \
	  pyproject.toml -o requirements.lock
