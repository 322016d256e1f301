# `make test` and `make demo` set everything up by themselves; Python 3.11 or newer and make suffice.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

# Minutes of training for each of the three models; a GPU is used where torch finds one.
MINUTES ?= 120

.PHONY: setup test test-slow test-walk test-demo check demo train train-plates clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	@echo "set-up: a virtual environment in $(VENV), then some 80 packages; a minute or two"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet -c constraints.txt -e '.[cpu,dev]'
	@touch $@
	@echo "set-up: done"

test: setup
	$(BIN)/pytest -n 2 -m "not slow and not demo and not walk"

# Only files that hold a slow test are read: collecting all of them takes longer than some.
test-slow: setup
	$(BIN)/pytest -n 2 -m slow $$(grep -rl --include='test_*.py' 'mark[.]slow' tests)

# A browser goes through the page; what it saw is kept in build/walk.
test-walk: setup
	$(BIN)/pytest -m walk tests/walk

test-demo: setup
	$(BIN)/pytest -m demo

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

demo: setup
	$(BIN)/casetrace demo

# Goes on where it was stopped, for build/training keeps pictures and checkpoints.
train: setup
	$(BIN)/python -m pip install --quiet -e '.[cpu,train]'
	$(BIN)/python -m training.pictures
	$(BIN)/python -m training.portraits people
	$(BIN)/python -m training.portraits vehicles
	$(BIN)/python -m training.detector --minutes $(MINUTES)
	$(BIN)/python -m training.embedder person --minutes $(MINUTES)
	$(BIN)/python -m training.embedder vehicle --minutes $(MINUTES)
	for kind in detector person vehicle; do $(BIN)/python -m training.export $$kind || exit 1; done
	$(BIN)/python -m training.calibrate
	$(BIN)/python -m training.cards

# Wants the fonts of training/plates/fonts.py (Debian packages) for the letters.
train-plates: setup
	$(BIN)/python -m pip install --quiet -e '.[cpu,train]'
	$(BIN)/python -m training.plates.letters
	$(BIN)/python -m training.plates.packs finder --packs 24
	$(BIN)/python -m training.plates.packs reader --packs 174
	$(BIN)/python -m training.plates.packs reader --course chinese --first 1000 --packs 160
	$(BIN)/python -m training.plates.streets --packs 30
	$(BIN)/python -m training.plates.train finder --minutes $(MINUTES)
	$(BIN)/python -m training.plates.train reader --minutes $(MINUTES)
	for kind in finder reader; do $(BIN)/python -m training.export $$kind --work build/training/plates || exit 1; done

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
