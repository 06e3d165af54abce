# Needs Python 3.11 and git. The first call installs Hatch into .hatch/ and the packages into .venv/.
PYTHON ?= python3.11
HATCH  := .hatch/bin/hatch
demo test check bench: $(HATCH)
	@$(HATCH) run $@ $(ARGS)
$(HATCH):
	@$(PYTHON) -m venv .hatch
	@.hatch/bin/pip install --quiet hatch==1.18.2
.PHONY: demo test check bench
