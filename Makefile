# make run    opens EmotionShortForm on the sample video (in the terminal where there is no screen)
# make test   linters, contracts, types and all tests
# Another torch, for people with a GPU:  make run TORCH=torch==2.13.0+cu130 PIP_ARGS='...'

PYTHON ?= python3
VENV ?= .venv
TORCH ?= torch==2.13.0
PIP_ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check $(PIP_ARGS)
CONSTRAINTS := $(VENV)/constraints.txt

.PHONY: run test check format bench clean

run: $(VENV)/installed $(VENV)/system
	@if [ "$$(uname)" != Linux ] || [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
	    $(BIN)/emotion-shortform --sample; \
	else \
	    echo "There is no screen here: the demo runs in the terminal."; \
	    $(BIN)/emotion-shortform demo; \
	fi

# One thread each: small operations are quicker so, and nothing waits by spinning beside the decoders.
test: check
	QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 $(BIN)/pytest -q -n 2 --dist loadfile

check: $(VENV)/tested $(VENV)/system
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(VENV)/tested
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/tested $(VENV)/system
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.benchmarks

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# torch comes first and by name: a plain `torch` would bring the CUDA packages along.
$(VENV)/installed: pyproject.toml .ci/constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or newer is needed; name one with PYTHON=..."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	grep -v '^torch==' .ci/constraints.txt > $(CONSTRAINTS)
	echo "$(TORCH)" >> $(CONSTRAINTS)
	$(PIP) "$(TORCH)"
	$(PIP) --constraint $(CONSTRAINTS) --editable .
	touch $@

$(VENV)/tested: $(VENV)/installed
	$(PIP) --constraint $(CONSTRAINTS) --editable '.[test]'
	touch $@

# What Qt needs of a Linux system: installed as root on Debian, named elsewhere.
$(VENV)/system: .ci/system-libraries
	sh .ci/system-libraries
	touch $@
