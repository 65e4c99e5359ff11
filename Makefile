# Everything that is needed is Python 3.11 or newer and make; `make install` makes .venv from pyproject.toml.

PYTHON ?= $(shell for one in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$one" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$one" && break; done)
BIN := .venv/bin

.PHONY: help install report demo accuracy test clean

help:
	@echo "make install   make .venv with the package and all it needs"
	@echo "make report    read data/documents, write reports/index.html"
	@echo "make demo      the same for a made-up province of some 220 documents, in reports/demo"
	@echo "make accuracy  read random figures back from every layout, count what is right"
	@echo "make test      ruff, mypy and pytest"
	@echo "make clean     remove .venv and all that was made"

install: .venv/installed

.venv/installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "no Python 3.11 or newer with venv was found; install one \
	(on Debian and Ubuntu: apt install python3-venv) or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,ocr]'
	@touch $@

report: install
	$(BIN)/govdisclose report data/documents -o reports --per agency

demo: install
	$(BIN)/python data/synthetic.py build/demo
	$(BIN)/govdisclose report build/demo -o reports/demo --per agency

accuracy: install
	$(BIN)/python data/accuracy.py

test: install
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto

clean:
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find reports -mindepth 1 ! -name README.md -delete
