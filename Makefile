# The two commands that a newcomer needs are `make run` and `make test`.
# `make help` lists the rest.

GO    ?= go
TOOL  := $(GO) tool -modfile=tools/go.mod
DATA  ?= ./data

# Packages whose tests run with the race detector too: those that share state
# between requests.
RACE_PACKAGES ?= ./internal/cache/... ./internal/clock/... ./internal/counter/... \
	./internal/gateway/... ./internal/snapshot/... ./internal/telemetry/...

TEST_TIMEOUT ?= 10m
FUZZ_TIME    ?= 30s
SOAK         ?= 30m
SOAK_FLAGS   ?=
BENCH        ?= .
BENCH_TIME   ?= 1s
BENCH_FLAGS  ?=
BROWSER_FLAGS ?=

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build ./bin/sallyport.
	$(GO) build -trimpath -pgo=cmd/sallyport/gateway.pgo -o bin/sallyport ./cmd/sallyport

.PHONY: run
run: build ## Run the gateway with its example configuration, kept in ./data.
	./bin/sallyport serve --data $(DATA)

.PHONY: services
services: ## Install, where missing, and start what the tests need.
	./scripts/services.sh

.PHONY: test
test: services ## Run every test.
	$(GO) test -timeout $(TEST_TIMEOUT) ./...
	cd test/oidc && $(GO) test -mod=mod -timeout $(TEST_TIMEOUT) ./...
	$(MAKE) sdk
	$(MAKE) browser

.PHONY: sdk
sdk: services ## Drive the management API with Microsoft's SDKs for Go and JavaScript.
	cd test/sdk/go && $(GO) test -mod=mod -timeout $(TEST_TIMEOUT) ./...

.PHONY: browser
browser: services ## Drive the developer portal with Chromium.
	cd test/browser && $(GO) test -mod=mod -timeout $(TEST_TIMEOUT) $(BROWSER_FLAGS) ./...

.PHONY: check
check: format vet lint layers modules pages deploy race ## Everything that is checked besides the tests.
	@echo "check: passed"

.PHONY: format
format: ## Fail on a file that gofmt would change.
	@echo "== format"
	@files=$$(gofmt -s -l $$(git ls-files '*.go')); \
	if [ -n "$$files" ]; then echo "not formatted (gofmt -s -w FILE mends it):"; echo "$$files"; exit 1; fi

.PHONY: vet
vet: ## Run go vet.
	@echo "== vet"
	$(GO) vet ./...
	cd test/sdk/go && $(GO) vet ./...
	cd test/oidc && $(GO) vet ./...
	cd test/deploy && $(GO) vet ./...
	cd test/browser && $(GO) vet ./...

.PHONY: lint
lint: ## Run golangci-lint; .golangci.yml holds the reason for each linter left out.
	@echo "== lint (the first run compiles the linter: some minutes)"
	$(TOOL) golangci-lint run

.PHONY: layers
layers: ## Check imports, sizes and the other rules of internal/archtest.
	@echo "== layers and sizes"
	$(GO) test ./internal/archtest/...

.PHONY: modules
modules: ## Check go.mod, that the modules are what go.sum says, and the packages that are linked.
	@echo "== modules"
	$(GO) mod tidy -diff
	$(GO) mod verify
	./scripts/packages.sh check
	cd test/sdk/go && $(GO) mod tidy -diff
	cd test/oidc && $(GO) mod tidy -diff
	cd test/deploy && $(GO) mod tidy -diff
	cd test/browser && $(GO) mod tidy -diff

.PHONY: pages
pages: ## Check the generated pages: docs/policies and docs/expressions.
	@echo "== generated pages"
	./scripts/pages.sh check

.PHONY: samples
samples: services ## Run the portal's code samples in every language, C# with Mono, and compare what they send.
	@for program in python3 node java php mcs mono; do command -v $$program >/dev/null || missing="$$missing $$program"; done; \
	[ -z "$$missing" ] || { echo "missing:$$missing (Debian: apt-get install --no-install-recommends python3-requests nodejs default-jdk-headless" \
		"php-cli php-curl mono-mcs mono-runtime libmono-system-net-http4.0-cil libmono-system-core4.0-cil)"; exit 1; }
	$(GO) test -count=1 -v -run 'TestSamples' ./internal/portal/reference/sample -args -long

.PHONY: deploy
deploy: services ## Check what is in deploy/ with systemd, BuildKit's rules, Helm and Kubernetes' types.
	@echo "== deployment"
	cd test/deploy && $(GO) test -count=1 -mod=mod -timeout $(TEST_TIMEOUT) ./...

.PHONY: docs
docs: ## Write docs/policies, docs/expressions and docs/packages.txt anew.
	./scripts/pages.sh write
	./scripts/packages.sh write

.PHONY: sbom
sbom: build ## Write bin/sallyport.cdx.json, the bill of materials of ./bin/sallyport.
	$(GO) mod verify
	./bin/sallyport version --sbom >bin/sallyport.cdx.json

.PHONY: reproduce
reproduce: ## Build twice as `make build` does, with caches and folders of their own, and compare.
	REPRODUCE_PGO=cmd/sallyport/gateway.pgo REPRODUCE_OWN_CACHES=yes $(GO) test -count=1 -timeout 1h -v -run 'TestS24_TwoBuilds$$' ./internal/supplytest

.PHONY: race
race: services ## Run the tests of the concurrent packages with the race detector.
	@echo "== race detector"
	@if [ "$$($(GO) env CGO_ENABLED)" = 1 ] && command -v "$$($(GO) env CC)" >/dev/null; then \
		$(GO) test -race -timeout $(TEST_TIMEOUT) $(RACE_PACKAGES); \
	else echo "SKIPPED: the race detector needs a C compiler (Debian: apt-get install gcc libc6-dev)"; fi

.PHONY: bench
bench: services ## Compare with other gateways, then run the benchmarks, with allocations.
	$(GO) run ./bench $(BENCH_FLAGS)
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCH_TIME) -benchmem -timeout 30m ./...
	cd bench/expressions && $(GO) test -run '^$$' -bench '$(BENCH)' -benchtime 50000x -count 10 -benchmem .

.PHONY: fuzz
fuzz: ## Fuzz each target for FUZZ_TIME (30s). The corpora run in `make test` as well.
	FUZZ_TIME=$(FUZZ_TIME) ./scripts/fuzz.sh

.PHONY: robustness
robustness: ## Misuse a running gateway for long: slow clients, floods, large bodies (half an hour).
	$(GO) test -count=1 -timeout 2h -v ./internal/chaos -args -long
	$(GO) test -count=1 -timeout 2h -v ./internal/chaos/fleet -args -long

.PHONY: durability
durability: services ## Cut the power of stores and kill what writes into them 1,000 times, and check long histories of clients.
	$(GO) test -count=1 -timeout 2h -v ./internal/control/store/durabilitytest -args -long
	$(GO) test -count=1 -timeout 2h -v -run 'TestR(8|10|11|14)_' ./internal/control/store/sqlite -args -long

.PHONY: soak
soak: ## Keep a gateway busy for SOAK (30m), with changes all the time, and look for leaks.
	$(GO) test -count=1 -timeout 0 -v -run 'TestR33_Soak$$' ./internal/chaos -args -soak $(SOAK) $(SOAK_FLAGS)

.PHONY: desync
desync: services ## Send 1,000,000 mutated requests, and 20,000 to each of six servers, through the oracle.
	DESYNC_REQUESTS=1000000 $(GO) test -count 1 -v -timeout 60m -run 'TestS3_Mutations$$|TestDifferential' ./internal/gateway/desync
	DESYNC_REQUESTS=20000 $(GO) test -count 1 -v -timeout 60m -run 'TestS3_Origins$$|TestS3_HostileOrigin$$' ./internal/gateway/desync

.PHONY: vulnerable
vulnerable: ## Look the modules up in Go's vulnerability database (needs the network).
	$(TOOL) govulncheck ./...

.PHONY: clean
clean: ## Remove what was built. The data in ./data stays.
	rm -rf bin .cache
