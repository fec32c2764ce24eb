# The logic is in scripts/; each of them says at its top what it does.
.DEFAULT_GOAL := help
.PHONY: help test cover fuzz soak mutate stripe lint fmt tidy deps vuln demo bench ci

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

test: ## Test every module (ARGS="-run Name -v", MODULES=".")
	@scripts/test.sh $(ARGS)

cover: ## Test, and write coverage.out and coverage.html
	@scripts/cover.sh $(ARGS)

fuzz: ## Run every fuzz target (FUZZTIME=30s)
	@scripts/fuzz.sh

soak: ## Simulate for long (SOAK=10m, PAYMOUNT_SEED=n to begin there)
	@scripts/soak.sh

mutate: ## Look for changes of the code that no test notices (ARGS="checkout")
	@scripts/mutate.sh $(ARGS)

stripe: ## Ask the real Stripe what is believed of it (STRIPE_TEST_KEY=sk_test_…, ARGS="cancel")
	@scripts/stripe.sh $(ARGS)

lint: ## go vet and golangci-lint, formatting and import rules included
	@scripts/lint.sh

fmt: ## Format the code
	@scripts/fmt.sh

tidy: ## go mod tidy in every module
	@scripts/tidy.sh

deps: ## Accept the module's dependencies: rewrite scripts/deps.txt
	@scripts/deps.sh --write

vuln: ## Look for known vulnerabilities
	@scripts/vuln.sh

demo: ## Start the demo: a fake Stripe and a web page
	@GOWORK=off go -C cmd/paymount run . demo

bench: ## Measure against peers (ARGS="-quick", ARGS="load" for the reference server under load)
	@scripts/bench.sh $(ARGS)

ci: ## Everything that CI runs
	@.ci/run
