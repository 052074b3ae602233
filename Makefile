PYTHON ?= python3

.PHONY: run test test-full shell lock

run: ## the shop on http://127.0.0.1:5000
	@$(PYTHON) bootstrap.py run

test: ## every check and test at a small size
	@$(PYTHON) bootstrap.py dev
	@.venv/bin/python tests/steps.py

test-full: ## the same at the sizes of the specification
	@$(PYTHON) bootstrap.py dev
	@TEST_SIZE=full .venv/bin/python tests/steps.py

shell: ## flask shell beside a running shop
	@$(PYTHON) bootstrap.py shell

LOCK = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes

lock: ## write the lock files anew from pyproject.toml
	$(LOCK) pyproject.toml -o requirements.txt
	$(LOCK) --group embedded -c requirements.txt -o requirements-embedded.txt
	$(LOCK) --group dev -c requirements.txt -o requirements-dev.txt
	$(LOCK) --group tools -o requirements-tools.txt
