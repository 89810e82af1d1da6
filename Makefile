# `make run` and `make test` do all set-up on a fresh Debian or Ubuntu machine with Python ≥ 3.11.
PYTHON ?= python3
VENV ?= .venv
PROVINCE ?= hunan
OUT ?= tanlu-$(PROVINCE)
SEED ?= 7
PORT ?= 8350
WORKERS ?= 2
BIN := $(VENV)/bin
KERNELS := $(wildcard src/tanlu/pathways/kernel/*.py src/tanlu/pathways/costs/*.py) $(addprefix src/tanlu/pathways/,machine_code.py \
	effects/kernel.py effects/flat.py)
SOLVER := $(wildcard src/tanlu/energy/solvers/structured/*.py)
# machine code of the pathway kernels is made once, so that neither the first run nor every test process waits for it
define compile
$(BIN)/tanlu pathway compile >/dev/null
endef
# the structured solver of energy systems, which half a minute of compilation would hold up in each test process
define compile_solver
$(BIN)/tanlu energy solve hunan --nodes 1 --periods 2030,2060 --segments 8 --no-certify --solver structured >/dev/null
endef
# where the environment forbids it, every test process would compile the package and the tests anew
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run job serve test thorough lint format bench bench-portal docs site clean

help:
	@echo "make run    set up, compute inventory, pathways and targets of PROVINCE, open the portal"
	@echo "make test   set up and run the tests"
	@echo "make thorough   what takes long: every page in the other language, every link, Spark, a year of the programme"
	@echo "make lint   formatting, lint, types"
	@echo "make bench  speed against named peers"
	@echo "make docs   write the generated pages of docs/"
	@echo "make site   build the documentation as a site in site/"

run: job serve

job: $(VENV)/.run
	$(BIN)/tanlu run --province $(PROVINCE) --out $(OUT) --seed $(SEED)

serve: $(VENV)/.run
	$(BIN)/tanlu serve $(OUT) --port $(PORT)

test: $(VENV)/.test
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# what `make test` leaves out for the sake of ten minutes
thorough: $(VENV)/.test
	TANLU_THOROUGH=1 $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "thorough or wider"

lint: $(VENV)/.lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.lint
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.bench $(VENV)/.bonsai
	$(BIN)/python benchmarks/pathway_engine.py
	$(BIN)/python benchmarks/accounts.py
	$(BIN)/python benchmarks/energy.py
	$(BIN)/python benchmarks/programme.py

docs: $(VENV)/.run
	$(BIN)/python tools/reference.py
	$(BIN)/python tools/method_pages.py
	$(BIN)/python tools/pathway_parameters.py
	$(BIN)/python tools/hindcast_page.py

# opens pages in Chromium, so it needs what the tests need
bench-portal: $(VENV)/.test $(VENV)/.nicegui
	$(BIN)/python benchmarks/portal.py $(OUT)

# an environment of its own: what builds pages shares no versions with what computes
site: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(VENV)/docs/bin/mkdocs build --quiet

clean:
	rm -rf $(VENV) build site dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/pip:
	scripts/system-packages.sh run
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

$(VENV)/.run: $(VENV)/bin/pip pyproject.toml constraints.txt $(KERNELS)
	scripts/system-packages.sh run
	@echo "安装 Python 包，约需几分钟。Installing Python packages, which takes some minutes."
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	$(compile)
	touch $@

$(VENV)/.test: $(VENV)/bin/pip pyproject.toml constraints.txt $(KERNELS) $(SOLVER)
	scripts/system-packages.sh test
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[test]'
	$(compile)
	$(compile_solver)
	# of a package that is installed in place nobody else does it, and each test process would do it for itself
	$(BIN)/python -m compileall -q src
	touch $@

$(VENV)/.lint: $(VENV)/bin/pip pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[lint]'
	touch $@

$(VENV)/.bench: $(VENV)/bin/pip pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[bench]'
	touch $@

# bonsai_ipcc takes list positions for labels, which pandas 3 refuses, and PyPSA needs pandas 3: it has an environment of its own
$(VENV)/.bonsai: $(VENV)/bin/pip benchmarks/peers/bonsai_constraints.txt
	$(BIN)/python -m venv $(VENV)/peers/bonsai_ipcc
	$(VENV)/peers/bonsai_ipcc/bin/pip install --quiet --constraint benchmarks/peers/bonsai_constraints.txt bonsai_ipcc
	touch $@

# NiceGUI brings a web server of its own versions
$(VENV)/.nicegui: $(VENV)/bin/pip benchmarks/peers/nicegui_constraints.txt
	$(BIN)/python -m venv $(VENV)/peers/nicegui
	$(VENV)/peers/nicegui/bin/pip install --quiet --constraint benchmarks/peers/nicegui_constraints.txt nicegui
	touch $@

$(VENV)/.docs: $(VENV)/bin/pip pyproject.toml constraints.txt
	$(BIN)/python -m venv $(VENV)/docs
	$(VENV)/docs/bin/pip install --quiet --upgrade pip
	$(VENV)/docs/bin/pip install --quiet --constraint constraints.txt jieba latex2mathml mkdocs-material mkdocs-static-i18n
	touch $@
