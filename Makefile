# Every target sets up what it needs, in .venv and nowhere else. Paths are relative: the folder's name may hold a space.

PROFILE ?= full
ARGS ?=
# Files in their order, not those with the most tests first: a journey stands alone in its file and would come last.
PYTEST_ARGS ?= -n 2 --dist loadfile --no-loadscope-reorder
export PYTHON TORCH

# One thread of arithmetic a process: the tests run beside one another. Nothing is fetched or reported while testing.
QUIET_TESTS = OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false HF_HUB_OFFLINE=1 DO_NOT_TRACK=1 \
	PREFECT_SERVER_ANALYTICS_ENABLED=false

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo setup test check fuzz bench lock clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'
	@echo
	@echo '  PROFILE=slim   leaves out torch, translation, the browser driver and Prophet'
	@echo '  PYTHON=...     the Python to build with, 3.11 or newer (default: python3)'
	@echo '  TORCH=cpu|gpu  which build of torch (default: cpu unless an NVIDIA GPU is found)'
	@echo '  ARGS="..."     further options for ecom demo, ecom evaluate or the fuzzer'

demo: setup  ## the whole system against a simulated market; prints its addresses, stops on Ctrl-C
	@exec .venv/bin/ecom demo $(ARGS)

setup:  ## everything that the demo needs, without starting it
	@bash .ci/setup $(PROFILE)

test:  ## all tests, after setting up what they need
	@bash .ci/setup test
	@bash .ci/browser
	@$(QUIET_TESTS) .venv/bin/python -m pytest $(PYTEST_ARGS)

check:  ## lint, format, types, import contracts
	@bash .ci/setup test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

fuzz:  ## the scanner under sanitizers against the plain parser, 60 s; ARGS="--seconds 600 --seed 3"
	@bash .ci/setup test
	@.venv/bin/python tests/fuzz/fuzz_scanner.py $(ARGS)

bench:  ## the figures about speed, measured now on this machine
	@bash .ci/setup test
	.venv/bin/ecom evaluate repricer $(ARGS)
	.venv/bin/ecom evaluate instructions $(ARGS)
	.venv/bin/ecom evaluate ingest $(ARGS)

lock:  ## write requirements.lock anew from what .venv holds
	@bash .ci/setup test
	@{ grep '^#' requirements.lock; { grep '.#' requirements.lock | grep -v '^#'; .venv/bin/python -m pip freeze --all \
		| grep -vE '^(#|-e|pip==|wheel==)|@' | sed 's/+.*//'; } | LC_ALL=C sort -f; } > .venv/requirements.lock
	@mv .venv/requirements.lock requirements.lock

clean:  ## remove the environment, caches and builds; the demo's data stays
	rm -rf .venv build dist .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache *.egg-info
	rm -f native_pricer/*.so native_pricer/*.c native_pricer/*.cpp
