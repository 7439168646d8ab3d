.DEFAULT_GOAL := help

GOLANGCI_LINT := v2.13.2
REDOCLY := 2.77.0
OAPI_CODEGEN := v2.8.2
OAPI_RUNTIME := v1.9.0
WORKFLOWCHECK := v0.6.0
KUSTOMIZE := v5.8.1
KUBECONFORM := v0.7.0
KUBERNETES := v1.34.2
KEDA := v2.17.2
PROMETHEUS_OPERATOR := v0.80.1
TOOLS := $(CURDIR)/.build/tools

.PHONY: help
help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

.PHONY: sandbox
sandbox: ## Run the whole system on this machine, with one order
	go run ./sandbox

.PHONY: test
test: ## Run all tests
	go test ./...

# The race detector leaves out the two packages that hold a Temporal server: it
# would be built a second time, instrumented, which takes longer than all tests. -short
# leaves out what goes through many cases one after another, which race with nobody.
# `make race-all` includes all of it.
SERVER_PACKAGES := domainprovisioning/sandbox|domainprovisioning/sandbox/embedded

# SQLite is C translated into Go: watched by the race detector it is some fifteen times slower,
# and finds nothing of ours.
UNWATCHED := -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false

.PHONY: race
race: ## Run the tests with the race detector, without the Temporal server
	go test -race -short $(UNWATCHED) $$(go list ./... | grep -vxE '$(SERVER_PACKAGES)')

.PHONY: race-all
race-all: ## Run all tests with the race detector
	go test -race ./...

.PHONY: bench
bench: ## Measure provisionings per second against the server's floor
	go test -bench=Provisioning ./sandbox -run=^$$ -benchtime=300x -timeout=40m

.PHONY: compare
compare: ## Measure another revision beside this tree: make compare REV=v0.1.0
	@[ -n "$(REV)" ] || { echo "name the revision: make compare REV=v0.1.0"; exit 1; }
	go run ./sandbox/compare $(COMPARE) $(REV)

.PHONY: bench-waiting
bench-waiting: ## Measure what 100,000 waiting orders cost: make bench-waiting WAITING_ORDERS=20000
	go test -bench=WaitingOrders ./sandbox -run=^$$ -timeout=2h

ORDERS := 100
DISTURBANCES := 40

.PHONY: chaos
chaos: ## Attack the product with real processes: make chaos SEED=7 ORDERS=300 DISTURBANCES=100
	go run ./sandbox/chaos -orders $(ORDERS) -disturbances $(DISTURBANCES) $(if $(SEED),-seed $(SEED)) $(CHAOS)

.PHONY: fuzz
fuzz: ## Fuzz every reader of outside documents for half a minute
	go test -run=^$$ -fuzz=FuzzReadList -fuzztime=30s ./orders
	go test -run=^$$ -fuzz=FuzzReadJSON -fuzztime=30s ./orders
	go test -run=^$$ -fuzz=FuzzParseTree -fuzztime=30s ./orders
	go test -run=^$$ -fuzz=FuzzDecodeCall -fuzztime=30s ./wire/xmlrpc
	go test -run=^$$ -fuzz=FuzzDecodeResponse -fuzztime=30s ./wire/xmlrpc
	go test -run=^$$ -fuzz=FuzzOrderByJSON -fuzztime=30s ./gateway
	go test -run=^$$ -fuzz=FuzzOrderByXMLRPC -fuzztime=30s ./gateway
	go test -run=^$$ -fuzz=FuzzCallback -fuzztime=30s ./gateway
	go test -run=^$$ -fuzz=FuzzReadNotification -fuzztime=30s ./registrars/realtimeregister/internal
	go test -run=^$$ -fuzz=FuzzErrors -fuzztime=30s ./registrars/realtimeregister/internal

.PHONY: histories
histories: ## Write the histories of a release for the replay test: make histories RELEASE=v0.1.0 [ONLY=adoption]
	@[ -n "$(RELEASE)" ] || { echo "name the release: make histories RELEASE=v0.1.0"; exit 1; }
	WRITE_HISTORIES=$(RELEASE) go test ./sandbox -run='TestWriteHistories/$(ONLY)' -count=1

.PHONY: docs
docs: ## Write the capability matrix, the metrics, the OpenAPI document and the command line's schema into docs
	go test ./assembly -run=TestTheCapabilityMatrix -update -count=1
	go test ./telemetry -run=TestTheMetricsAreDocumented -update -count=1
	go test ./gateway -run=TestTheDescriptionIsThatOfTheCode -update -count=1
	go test ./starter -run=TestTheSchemaIsThatOfTheCode -update -count=1

.PHONY: format
format: ## Format the code
	gofmt -w .

.PHONY: check
check: format-check tidy-check lint workflowcheck kubernetes test race ## All that CI checks

.PHONY: format-check
format-check:
	@files=$$(gofmt -l .); [ -z "$$files" ] || { echo "not formatted:"; echo "$$files"; exit 1; }

.PHONY: tidy-check
tidy-check:
	go mod tidy -diff
	go mod verify

.PHONY: lint
lint: $(TOOLS)/golangci-lint-$(GOLANGCI_LINT)
	$< run

# CGO is off: the system's C compiler is of this system only. `go vet` compiles tests too.
.PHONY: cross
cross: ## Type-check everything, tests too, for Windows and macOS
	cd internal/cross && GOFLAGS= go run . $(CURDIR) windows darwin

.PHONY: workflowcheck
workflowcheck: $(TOOLS)/workflowcheck-$(WORKFLOWCHECK)
	$< -config workflowcheck.yaml ./workflows/...

SCHEMAS := $(CURDIR)/.build/schemas-$(KUBERNETES)-$(KEDA)-$(PROMETHEUS_OPERATOR)
MANIFESTS := deploy/kubernetes/base deploy/kubernetes/overlays/example deploy/kubernetes/overlays/versioned deploy/kubernetes/overlays/versioned/worker

# The schemas come from Go modules: nothing is asked that the Go module proxy does not have.
.PHONY: kubernetes
kubernetes: $(TOOLS)/kustomize-$(KUSTOMIZE) $(TOOLS)/kubeconform-$(KUBECONFORM) $(SCHEMAS) ## Build the Kubernetes manifests, and check them by Kubernetes' schemas
	@set -e; for folder in $(MANIFESTS); do echo $$folder; \
		$(TOOLS)/kustomize-$(KUSTOMIZE) build $$folder > .build/manifests.yaml; \
		$(TOOLS)/kubeconform-$(KUBECONFORM) -strict -summary \
			-schema-location '$(SCHEMAS)/{{.ResourceKind}}{{.KindSuffix}}.json' .build/manifests.yaml; done

# Downloaded without a go.mod, so that they add nothing to ours.
module = $$(cd / && GOFLAGS= go mod download -json $(1) | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')

$(SCHEMAS): internal/kubeschemas/main.go
	rm -rf $@ $@.new && mkdir -p $@.new
	go run ./internal/kubeschemas $@.new "$(call module,k8s.io/kubernetes@$(KUBERNETES))/api/openapi-spec/swagger.json" \
		"$(call module,github.com/kedacore/keda/v2@$(KEDA))/config/crd/bases/keda.sh_scaledobjects.yaml" \
		"$(call module,github.com/prometheus-operator/prometheus-operator@$(PROMETHEUS_OPERATOR))/example/prometheus-operator-crd/"*_podmonitors.yaml \
		"$(call module,github.com/prometheus-operator/prometheus-operator@$(PROMETHEUS_OPERATOR))/example/prometheus-operator-crd/"*_servicemonitors.yaml
	mv $@.new $@

# Tools are built with their own go.mod, so that they add nothing to ours.
$(TOOLS)/golangci-lint-$(GOLANGCI_LINT):
	GOFLAGS= GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT)
	mv $(TOOLS)/golangci-lint $@

$(TOOLS)/workflowcheck-$(WORKFLOWCHECK):
	GOFLAGS= GOBIN=$(TOOLS) go install go.temporal.io/sdk/contrib/tools/workflowcheck@$(WORKFLOWCHECK)
	mv $(TOOLS)/workflowcheck $@

$(TOOLS)/kustomize-$(KUSTOMIZE):
	GOFLAGS= GOBIN=$(TOOLS) go install sigs.k8s.io/kustomize/kustomize/v5@$(KUSTOMIZE)
	mv $(TOOLS)/kustomize $@

$(TOOLS)/kubeconform-$(KUBECONFORM):
	GOFLAGS= GOBIN=$(TOOLS) go install github.com/yannh/kubeconform/cmd/kubeconform@$(KUBECONFORM)
	mv $(TOOLS)/kubeconform $@

$(TOOLS)/oapi-codegen-$(OAPI_CODEGEN):
	GOFLAGS= GOBIN=$(TOOLS) go install github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@$(OAPI_CODEGEN)
	mv $(TOOLS)/oapi-codegen $@

.PHONY: openapi-lint
openapi-lint: ## Check the API's description by a public linter (needs npx)
	npx --yes @redocly/cli@$(REDOCLY) lint docs/openapi.json --config deploy/redocly.yaml

CLIENTS := $(CURDIR)/.build/clients

.PHONY: clients
clients: $(TOOLS)/oapi-codegen-$(OAPI_CODEGEN) ## Generate clients from the API's description, and compile them (needs npm)
	rm -rf $(CLIENTS) && mkdir -p $(CLIENTS)/go
	$< -generate types,client,skip-prune -package api -o $(CLIENTS)/go/api.go docs/openapi.json
	cd $(CLIENTS)/go && GOFLAGS= go mod init client && GOFLAGS= go get github.com/oapi-codegen/runtime@$(OAPI_RUNTIME) && GOFLAGS= go mod tidy && GOFLAGS= go vet ./...
	cp -r deploy/clients/typescript $(CLIENTS)/typescript
	cd $(CLIENTS)/typescript && npm ci --no-audit --no-fund --silent && npx openapi-typescript $(CURDIR)/docs/openapi.json -o api.d.ts && npx tsc

AXE := $(CURDIR)/.build/axe

.PHONY: axe
axe: ## Fetch axe, which checks the desk page for accessibility in its test (needs npm)
	mkdir -p $(AXE) && cp deploy/axe/package.json deploy/axe/package-lock.json $(AXE)
	cd $(AXE) && npm ci --no-audit --no-fund --silent

.PHONY: build
build: ## Build the production binaries into bin/
	CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o bin/ ./worker ./starter

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin .build
