# Two commands: `make demo` and `make test`. Both set up .venv by themselves.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: demo test lint types layers tests docs gallery restoration clean

demo: $(VENV)/.installed
	$(BIN)/shoebox demo --folder data

test: lint types layers tests

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-test
	$(BIN)/mypy

layers: $(VENV)/.installed-test
	$(BIN)/lint-imports

tests: $(VENV)/.installed-test
	$(BIN)/pytest -n 2 --dist loadgroup

# Before and after for the eye: the aged set, or PICTURES=folder of one's own scans.
gallery: $(VENV)/.installed-benchmark
	$(BIN)/python -m tests.benchmarks.gallery --recipe $(or $(RECIPE),archive) \
		--to $(or $(TO),data/gallery) $(if $(PICTURES),--pictures "$(PICTURES)")

# How near restoration comes to the truth, and the rivals: about a quarter of an hour.
restoration: $(VENV)/.installed-benchmark
	$(BIN)/python -m tests.benchmarks.restoration --json

docs: $(VENV)/.installed
	$(BIN)/python -m flows.docs_tables

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[identity]'
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

$(VENV)/.installed-benchmark: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[benchmark]'
	touch $@

clean:
	rm -rf $(VENV) data/demo_box data/demo_library
