# One environment in .venv, one cache folder of the user's (the engine), nothing else outside the checkout.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup engine demo examples test lint bench docs lock clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup: $(READY) ## the Python environment in .venv
engine: $(READY) ## the Pulumi engine: found, fetched or built (6 minutes, once per user)
	@$(BIN)/kms engine

$(READY): requirements.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing what requirements.txt pins …"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: engine ## the whole story on stacks/demo.yaml against the emulator
	@$(BIN)/python tools/demo.py

examples: engine ## every folder of examples/ against the emulator
	@$(BIN)/python tools/examples.py

test: engine ## every test, style, types and import contracts included
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(READY) ## style and types only
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

bench: engine ## ratios against a provider that does nothing, in one run
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.envelope
	@$(BIN)/python -m benchmarks.review

docs: $(READY) ## write the generated parts of the documentation again
	@$(BIN)/python tools/generate_docs.py

lock: $(READY) ## pin the dependencies anew, with hashes and without any index address
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
		--custom-compile-command "make lock" --extra emulator --group dev pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
		--custom-compile-command "make lock" tests/emulator/alibaba/foreign/requirements.in \
		-o tests/emulator/alibaba/foreign/requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
		--custom-compile-command "make lock" policy_pack/requirements.in -o policy_pack/requirements.txt

clean: ## remove the environment and everything made in the checkout
	@rm -rf $(VENV) policy_pack/.venv policy_pack/.venv.lock .demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
