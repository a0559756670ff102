# Every target sets up what it needs from python3 alone. Settings are variables:
#   make test ONLY=plain                    gates, plain, saleor (commas)
#   make test SALEOR_VERSIONS=3.22,3.23     of the checkouts under $SALEOR_CHECKOUTS (~/saleor)
#   make test JOBS=1                        one suite at a time, not one for each core
#   make test ARGS='-k journey -x'          handed to pytest
#   make chaos ARGS='--rounds 10'           also: make bench ARGS=intake, fuzz ARGS='--seconds 60'
#   make demo SALEOR=~/saleor/3.23          inside that Saleor
PYTHON ?= python3

# exec: a signal sent to make reaches the program itself, which then cleans up.
RUN = @$(PYTHON) -m dev.bootstrap && exec .venv/bin/python -m

# What chance makes: the suite tries a few examples of it, chaos twenty times as many.
TRIED = $(addprefix tests/test_,interleavings.py erasure_interleavings.py keeps.py \
	marketing_never.py export_formats.py)
chaos: export JOKKERIT_TRIES = 20

.PHONY: help demo test chaos fuzz audit bench docs lint clean

help:
	@sed -n 's/^#   //p' Makefile
	@echo "targets: demo test chaos fuzz audit bench docs lint clean"

demo:
	$(RUN) dev.demo

test:
	$(RUN) dev.test

chaos:
	$(RUN) dev.chaos $(ARGS)
	$(RUN) dev.chaos_retention
	$(RUN) dev.chaos_site_log
	$(RUN) pytest -q $(TRIED)
	$(RUN) dev.fuzz

fuzz:
	$(RUN) dev.fuzz $(ARGS)

audit:
	$(RUN) dev.audit

bench:
	$(RUN) benchmarks $(ARGS)

docs:
	$(RUN) dev.docs

lint:
	$(RUN) dev.gates

clean:
	rm -rf .cache .venv build dist *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find dev tests demo benchmarks jokkerit_plugin migrations -name __pycache__ -prune -exec rm -rf {} +
