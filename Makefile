# The environment is .venv, brought up to date when pyproject.toml or constraints.txt changes; "make clean" drops it.

VENV := .venv
BIN := $(VENV)/bin
# What is needed to run, and what the developers' tools need beside it.
RUNNABLE := $(VENV)/.runnable
STAMP := $(VENV)/.up-to-date
# Wheels of what the project needs at run time: the tests install from here, without a network.
WHEELS := $(VENV)/wheels
# Other projects' programs that the tests run against the server, apart from what they would hold back here.
CONSUMERS := tests/end_to_end/consumers
CONSUMERS_STAMP := $(VENV)/consumers/.up-to-date
NODE_STAMP := $(VENV)/consumers-node/.up-to-date
GO_STAMP := $(VENV)/consumers-go/.up-to-date
RUST_STAMP := $(VENV)/consumers-rust/.up-to-date
RIC_STAMP := $(VENV)/consumers-ric/.up-to-date
JAVA_STAMP := $(VENV)/consumers-java/.up-to-date
# The server of NATS that clusters keep their logs in, where the system has none.
NATS := $(VENV)/nats
NATS_STAMP := $(NATS)/.up-to-date
NATS_VERSION := v2.15.3
# Emulators that the benchmark is run beside.
RIVALS := $(VENV)/rivals
FOUND_RIVALS = $(if $(shell command -v go),$(RIVALS)/goaws) $(if $(shell command -v mvn),$(RIVALS)/elasticmq)

# The first interpreter that runs, is new enough and can make environments; "make PYTHON=/path/to/python" overrides it.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo $$python && break; done)

.DEFAULT_GOAL := help
.PHONY: help run cluster test check bench bench-rivals curves soak fuzz crash cluster-test workers docs lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNNABLE) ## serve on port 4566 (set POCKETBUS_PORT and the like to change it)
	@exec $(BIN)/pocketbus

cluster: $(STAMP) $(NATS_STAMP) ## serve with three nodes and three servers of NATS (docs/CLUSTER.md)
	@exec $(BIN)/python -m scripts.cluster

# All three run, whatever the first ones say, and pytest's summary comes last.
test: $(STAMP) $(CONSUMERS_STAMP) $(NODE_STAMP) $(GO_STAMP) $(JAVA_STAMP) $(NATS_STAMP) ## check format, lint and types, run the tests, the built wheel's too
	@status=0; \
	$(BIN)/ruff format --check . || status=1; \
	$(BIN)/ruff check . || status=1; \
	$(BIN)/mypy || status=1; \
	$(BIN)/pytest --numprocesses auto --maxprocesses 8 || status=1; \
	exit $$status

check: $(STAMP) ## format, lint and type-check
	$(BIN)/ruff format .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(STAMP) $(NATS_STAMP) ## measure against the budgets
	$(BIN)/python -m tests.bench

bench-rivals: $(STAMP) $(FOUND_RIVALS) ## measure beside goaws, ElasticMQ and moto, as far as there are Go and Maven to get them
	$(BIN)/python -m tests.bench.rivals

curves: $(STAMP) ## measure how costs grow, and draw it (docs/SPEED.md)
	$(BIN)/python -m tests.bench.curves

soak: $(STAMP) ## load a server for two minutes (SECONDS=... for longer) and see that its memory stays flat
	$(BIN)/python -m tests.bench.soak

fuzz: $(STAMP) ## try 100,000 random cases of each kind where a usual run tries some hundreds (FUZZ_CASES=N for others)
	FUZZ_CASES=$${FUZZ_CASES:-100000} FLEET_SECONDS=$${FLEET_SECONDS:-60} $(BIN)/pytest tests/property \
		tests/end_to_end/test_fleet.py --override-ini faulthandler_timeout=7200 --numprocesses auto --maxprocesses 8

crash: $(STAMP) ## kill a server 200 times under load and see that nothing is lost (CRASHES=N for others)
	CRASHES=$${CRASHES:-200} $(BIN)/pytest tests/end_to_end/test_crash.py --override-ini faulthandler_timeout=7200

cluster-test: $(STAMP) $(NATS_STAMP) ## have nodes, servers of NATS and the network fail, and see that no client waits for 5 seconds
	CLUSTER_SECONDS=$${CLUSTER_SECONDS:-5} $(BIN)/pytest tests/end_to_end/cluster --capture no

workers: $(RUST_STAMP) $(RIC_STAMP) ## build the Lambda workers that take minutes, in Rust and for Node; `make test` then runs them too

docs: $(STAMP) ## write the README's generated tables and the schema of seeds
	$(BIN)/python scripts/docs.py

# Without npm, what Node's packages are pinned to stays.
lock: | python clean ## pin the newest versions that pyproject.toml allows into constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	$(BIN)/python -m pip freeze --all --exclude-editable --exclude pocketbus --exclude pip > constraints.txt
	$(PYTHON) -m venv $(VENV)/consumers
	$(VENV)/consumers/bin/python -m pip install --quiet --requirement $(CONSUMERS)/requirements.txt
	$(VENV)/consumers/bin/python -m pip freeze --exclude setuptools > $(CONSUMERS)/constraints.txt
	if command -v npm >/dev/null; then \
		rm -f $(CONSUMERS)/package-lock.json; \
		npm install --prefix $(CONSUMERS) --package-lock-only --loglevel=error; \
	fi

clean: ## remove the environment and everything generated
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: python
python:
	@test -n "$(PYTHON)" || { \
		echo "pocketbus needs Python 3.11 or newer with its venv module (on Debian: python3-venv)." >&2; \
		echo "None was found; name one with: make PYTHON=/path/to/python" >&2; \
		exit 1; }

$(RUNNABLE): pyproject.toml constraints.txt emulator/version.py | python
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[hocon,nats,yaml]'
	@touch $@

$(STAMP): $(RUNNABLE)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	rm -rf $(WHEELS)
	$(BIN)/python scripts/runtime_requirements.py | $(BIN)/python -m pip wheel --quiet \
		--constraint constraints.txt --wheel-dir $(WHEELS) --requirement /dev/stdin setuptools
	@touch $@

$(RIVALS)/goaws:
	GOBIN=$(abspath $(RIVALS)) go install github.com/Admiral-Piett/goaws/app/cmd@v0.4.5
	@mv $(RIVALS)/cmd $@

$(RIVALS)/elasticmq: tests/bench/elasticmq.xml
	mvn --quiet --batch-mode --file $< dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=$(abspath $@)
	@touch $@

$(CONSUMERS_STAMP): $(CONSUMERS)/requirements.txt $(CONSUMERS)/constraints.txt | python
	$(PYTHON) -m venv $(VENV)/consumers
	$(VENV)/consumers/bin/python -m pip install --quiet --constraint $(CONSUMERS)/constraints.txt \
		--requirement $(CONSUMERS)/requirements.txt
	@touch $@

# Without npm there is nothing to make, and its tests are skipped.
$(NODE_STAMP): $(CONSUMERS)/package.json $(CONSUMERS)/package-lock.json
	@mkdir -p $(dir $@)
	@cp $^ $(dir $@)
	@if command -v npm >/dev/null; then npm ci --prefix $(dir $@) --no-audit --no-fund --loglevel=error && touch $@; fi

# Without a Go that is new enough there is nothing to make either.
$(GO_STAMP): $(wildcard $(CONSUMERS)/*_go/*)
	@mkdir -p $(dir $@)
	@if command -v go >/dev/null; then \
		(for module in $(CONSUMERS)/*_go; do \
			(cd $$module && go build -o $(abspath $(dir $@))/ .) || exit 1; \
		done) && touch $@ || \
		echo "This Go cannot build the programs in $(CONSUMERS); their tests are skipped." >&2; \
	fi

# The system's own is found first; without it and without Go, the tests of clusters are skipped.
$(NATS_STAMP):
	@mkdir -p $(dir $@)
	@if command -v nats-server >/dev/null; then touch $@; \
	elif command -v go >/dev/null; then \
		GOBIN=$(abspath $(NATS)) go install github.com/nats-io/nats-server/v2@$(NATS_VERSION) && touch $@ || \
		echo "This Go cannot build nats-server; the tests of clusters are skipped." >&2; \
	fi

# Nor without Maven and a Java compiler.
$(JAVA_STAMP): $(wildcard $(CONSUMERS)/*_java/*)
	@mkdir -p $(dir $@)
	@if command -v mvn >/dev/null && command -v javac >/dev/null; then \
		(for module in sdk_java spring_java; do \
			mvn --quiet --batch-mode --file $(CONSUMERS)/$$module dependency:copy-dependencies \
				-DoutputDirectory=$(abspath $(dir $@))/$$module || exit 1; \
		done; \
		javac -cp '$(dir $@)sdk_java/*' -d $(dir $@)sdk_java $(CONSUMERS)/sdk_java/*.java) && touch $@ || \
		echo "This Java cannot build the programs in $(CONSUMERS); their tests are skipped." >&2; \
	fi

# Sixty crates take a minute or two, and are built when somebody asks for them.
$(RUST_STAMP): $(wildcard $(CONSUMERS)/lambda_rust/*) $(wildcard $(CONSUMERS)/lambda_rust/src/*)
	@mkdir -p $(dir $@)
	cargo build --quiet --locked --manifest-path $(CONSUMERS)/lambda_rust/Cargo.toml --target-dir $(dir $@)target
	cp $(dir $@)target/debug/lambdaworker $(dir $@)
	@touch $@

# Node's client is compiled where it is installed, which takes CMake, a C++ compiler, autoconf, automake and libtool.
$(RIC_STAMP): $(CONSUMERS)/lambda_node/package.json
	@mkdir -p $(dir $@)
	@cp $(CONSUMERS)/lambda_node/* $(dir $@)
	@if command -v autoreconf >/dev/null && command -v cmake >/dev/null; then \
		npm install --prefix $(dir $@) --no-audit --no-fund --loglevel=error && touch $@; \
		else echo "Without autoreconf and cmake, Node's runtime interface client cannot be built." >&2; fi
