# What a person types. The work is done by deploy/checkout, which needs nothing but Python.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; exit; }; done; echo python3)

.PHONY: run test lint prove bench stop clean

run test lint prove bench stop clean:
	@exec $(PYTHON) -m deploy.checkout $@
