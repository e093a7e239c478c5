# Two commands matter: `make report` and `make test`. Both set up all they need in .venv.
PYTHON ?= python3
BIN = .venv/bin
export PYTHONHASHSEED = 0

.DEFAULT_GOAL = help
.PHONY: help report test sweep break mutate lab data notebooks api bench lint lock

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11 report")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# What kernels import beforehand stands in the kernelspec: an older one would warm a second parent.
.venv/kernels: .venv/ready lib/childrens_services/edition/unchanged.py
	$(BIN)/childrens-services kernel install
	@touch $@

report: .venv/ready  ## Write the default edition; the last line is the path of its index.html
	@$(BIN)/childrens-services report

test: .venv/kernels  ## Run every test but the slow sweeps, nbval on every notebook included
	@$(BIN)/python -m pytest -q -m "not sweep" -n 2 --dist loadfile --no-loadscope-reorder tests notebooks \
		--nbval --nbval-sanitize-with tests/nbval.cfg --nbval-kernel-name childrens-services

sweep: .venv/kernels  ## Run the slow tests
	@$(BIN)/python -m pytest -q -m sweep -n 2

break: .venv/ready  ## Break inputs (needs RAW_DIR), runs and words in hundreds of ways, and count what came of it
	@status=0; for part in inputs runs words; do PYTHONPATH=tests $(BIN)/python tests/break_$$part.py || status=1; done; exit $$status

mutate: .venv/ready  ## Change the code of rules and sums in small ways, and list the changes that no test notices
	@$(BIN)/python tests/mutate.py

lab: .venv/kernels  ## Open JupyterLab on the notebooks, with warm kernels
	@JUPYTER_PATH="$(CURDIR)/.venv/share/childrens-services" $(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks --ServerApp.jpserver_extensions=warm_kernels=True

data: .venv/ready  ## Rebuild the tidy tables from data/raw (or RAW_DIR) and data/curated
	@$(BIN)/childrens-services data

notebooks: .venv/ready  ## Run the notebooks with their default parameters and store their outputs
	@$(BIN)/childrens-services notebooks

api: .venv/ready  ## Write API.md, what notebooks may import, from the docstrings
	@$(BIN)/python tests/api_page.py

bench: .venv/ready  ## Measure the reading of reports (needs RAW_DIR) and the making of editions, beside other ways
	@$(BIN)/python tests/ofsted_reports/bench_reports.py
	@$(BIN)/python tests/bench_editions.py

lint: .venv/ready  ## Check the style of the code
	@$(BIN)/ruff check lib tests && $(BIN)/ruff format --check lib tests

lock: .venv/ready  ## Renew requirements.lock from pyproject.toml (needs uv)
	@uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements.lock

help:  ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10
