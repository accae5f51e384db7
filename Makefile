# Each target does everything it needs on a machine that has Swift 6.3, git and a package manager.
# README.md says what they are for; the longer parts stand in Scripts/.

PREFIX ?= /usr/local
SWIFT ?= swift
# For the benchmark: make bench ARGUMENTS="--nodes 100 --runs 1"
ARGUMENTS ?=
# Swift sources of this repository; build folders lie beside them and are left out.
SOURCES := Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources
RELEASE := .build/release

.PHONY: help quickstart test build prepare format format-check install models reference bench prove bench-calls bench-runtime

help:
	@echo "make quickstart      build, then distill two students from a teacher, with no key or network"
	@echo "make test            build and run every test"
	@echo "make prove           the promises at full size, for hours: make prove ARGUMENTS=\"P1 P4\""
	@echo "make build           the distill command, optimised, in $(RELEASE)"
	@echo "make format          format every Swift source in place"
	@echo "make format-check    name every line that is not formatted or breaks a rule of style"
	@echo "make install         install distill, its templates and models under PREFIX ($(PREFIX))"
	@echo "make models          train the models in workflows/models again, from nothing"
	@echo "make reference       write docs/workflow-reference.md again, from the node kinds"
	@echo "make bench           1,000 commands in layers of 50, beside ninja"
	@echo "make bench-runtime   decoding beside llama.cpp, training beside sgemm"
	@echo "make bench-calls     50,000 model calls to a fixed answer, beside wrk, aiohttp, openai-python"

prepare:
	@Scripts/prepare.sh

build: prepare
	$(SWIFT) build -c release --product distill

quickstart: build
	$(RELEASE)/distill run workflows/quickstart.yaml

# In release, so that it shares a build with quickstart and the numerical tests are fast; without
# testable imports, which would compile every module a second time. Eight tests at once: without a
# limit they hold thousands of files open together, and Foundation's Process.run() then crashes now
# and then, in a copy that it makes in this process before it starts the child.
test:
	@Scripts/prepare.sh python strace
	$(SWIFT) test -c release --disable-testable-imports \
	  --experimental-maximum-parallelization-width 8

format:
	$(SWIFT) format --in-place --parallel --recursive --configuration .swift-format $(SOURCES)

format-check:
	$(SWIFT) format lint --strict --parallel --recursive --configuration .swift-format $(SOURCES)

install: build
	install -d "$(PREFIX)/bin" "$(PREFIX)/share/distill"
	install -m 755 $(RELEASE)/distill "$(PREFIX)/bin/distill"
	cp -R workflows/templates workflows/models workflows/starter "$(PREFIX)/share/distill/"

models: prepare
	SWIFT="$(SWIFT)" Scripts/train-models.sh

reference: build
	SWIFT="$(SWIFT)" Scripts/write-reference.sh

bench:
	@Scripts/prepare.sh ninja
	SWIFT="$(SWIFT)" Scripts/benchmark.sh $(ARGUMENTS)

bench-calls:
	@Scripts/prepare.sh nginx wrk clients
	SWIFT="$(SWIFT)" Scripts/benchmark-calls.sh $(ARGUMENTS)

bench-runtime:
	@Scripts/prepare.sh venv
	SWIFT="$(SWIFT)" Scripts/benchmark-runtime.sh $(ARGUMENTS)

prove:
	@Scripts/prepare.sh python venv
	SWIFT="$(SWIFT)" Scripts/prove.sh $(ARGUMENTS)
