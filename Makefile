# `make up` and `make test` are the two commands; the rest are their parts, and what the workflows in .github run.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,13))' 2>/dev/null && exec echo $$python; \
  done; echo python3)
BIN := .venv/bin
READY := .venv/.installed
REVIEW := .review
# What `make test` runs, and the revision that a change is compared with.
TESTS ?= tests
# More than cores, as tests wait for servers much of the time. In order of files: those that take longest come early.
WORKERS ?= 3
BASE ?= origin/main
# What the tests need that no wheel ships.
TOOLS := pulumi vault etcd kube-apiserver kube-controller-manager

.DEFAULT_GOAL := help
.PHONY: help up down test lint lint-python lint-types lint-workflows check tools affected preview comment post lock \
  clean FORCE

help:            ## this list
	@grep -hE '^[a-z][a-zA-Z_-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 18

up: $(READY)     ## servers on this machine, the stack `sandbox` deployed to them, and a proof; ALLOW_LOSS=kv-old
	$(BIN)/strongroom sandbox up $(if $(FLAVOUR),--flavour '$(FLAVOUR)') $(foreach path,$(ALLOW_LOSS),--allow-loss '$(path)')

down: $(READY)   ## stop every server of the sandbox; its data stays
	$(BIN)/strongroom sandbox down

# Servers are made ready before the workers start: building them takes minutes, which no worker would show.
test: $(READY)   ## every test; TESTS=tests/plan for some, WORKERS=2 for fewer at a time
	$(if $(filter tests,$(TESTS)),@$(BIN)/python -m strongroom_sandbox.toolchain $(TOOLS) >/dev/null)
	$(BIN)/pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(TESTS)

lint: lint-python lint-types lint-workflows  ## style, types and workflows; --keep-going shows everything that is wrong

lint-python: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

lint-types: $(READY)
	$(BIN)/mypy

lint-workflows: $(READY)
	"$$($(BIN)/python -m strongroom_sandbox.toolchain actionlint)"
	$(BIN)/zizmor --offline --persona=pedantic --quiet .github

check: $(READY)  ## check every stack, without engine or network
	$(BIN)/strongroom check

tools: $(READY)  ## make Pulumi ready: found, installed or built
	$(BIN)/python -m strongroom_sandbox.toolchain

affected: $(READY) ## the stacks that the changes since BASE touch, as a JSON list
	@$(BIN)/strongroom review affected --base '$(BASE)' --json

preview: $(READY) ## what the change does to STACK: its check, preview and policies; DRY=1 needs no backend
	@test -n '$(STACK)' || { echo 'make preview STACK=dev: name a stack of stacks/Pulumi.*.yaml' >&2; exit 2; }
	$(BIN)/python -m strongroom_sandbox.preview --base '$(BASE)' $(if $(DRY),--dry) \
	  $(foreach path,$(ALLOW_LOSS),--allow-loss '$(path)') '$(STACK)' $(REVIEW)

comment: $(READY) ## the comment for a pull request, from all previews that were made
	$(BIN)/strongroom review comment --out $(REVIEW)/comment.md --expect '$(or $(EXPECT),[])' --log '$(LOG)' $(REVIEW)

# Needs no environment: the job that may write to pull requests runs as little as possible.
post:            ## post it, or update the one that is there: PR=12, GITHUB_TOKEN, GITHUB_REPOSITORY=owner/name
	ONLY_UPDATE='$(ONLY_UPDATE)' PYTHONPATH=components $(PYTHON) -m strongroom.review.github $(REVIEW)/comment.md '$(PR)'

# Everything is pinned with hashes. pip installs uv first (a wheel, so no downloader script is run), uv the rest.
# Scripts of a virtual environment hold its path: one that was moved, copied, cut short or belongs to another Python than
# the one asked for is made anew.
VENV_FITS = test "$$(cat $(READY) 2>/dev/null)" = "$(CURDIR)" \
  && $(BIN)/python -c 'import pip, sys; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,13))' 2>/dev/null \
  $(if $(filter-out file,$(origin PYTHON)),&& test "$$($(BIN)/python -V)" = "$$($(PYTHON) -V)")
$(READY): $(if $(shell $(VENV_FITS) && echo yes),,FORCE)
$(READY): requirements.lock pyproject.toml components/pyproject.toml policies/pyproject.toml sandbox/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3,11) <= sys.version_info[:2] <= (3,13) else "Strongroom needs Python 3.11 to 3.13 and found %d.%d; set PYTHON=python3.12 or similar" % sys.version_info[:2])'
	@$(VENV_FITS) || $(PYTHON) -m venv --clear .venv
	@sed -n '/^uv==/,/^[^ ]*==/p' requirements.lock | sed '$$d' > .venv/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e components -e policies -e sandbox
	@printf '%s' "$(CURDIR)" > $@

lock: $(READY)   ## pin every dependency with hashes (no index addresses)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --group dev --python-version 3.11 \
	  --no-emit-package strongroom --no-emit-package strongroom-policies --no-emit-package strongroom-sandbox \
	  pyproject.toml -o requirements.lock

clean:           ## stop the sandbox and remove all that is not tracked and can be made again (the per-user cache stays)
	@test ! -x $(BIN)/strongroom || test ! -d .sandbox || $(BIN)/strongroom sandbox down
	rm -rf .venv .toolchain .sandbox $(REVIEW) .mypy_cache .ruff_cache .pytest_cache .hypothesis
