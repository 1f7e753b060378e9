# The same commands serve people and CI.
.PHONY: check test race fuzz bench profile

FUZZTIME ?= 10s
# What only looks at the code needs no profile, and with one everything would be compiled once more.
UNPROFILED = GOFLAGS="$$(go env GOFLAGS) -pgo=off"

check: ## format, vet, staticcheck
	@test -z "$$(gofmt -l .)" || { echo "not gofmt-ed:"; gofmt -l .; exit 1; }
	$(UNPROFILED) go vet ./...
	$(UNPROFILED) go tool staticcheck ./...

test: ## what the README says
	go test ./...

race:
	go test -pgo=off -race ./...

fuzz: ## every fuzz target for FUZZTIME (a duration, or 4000x executions)
	@grep -rl --include='*_test.go' '^func Fuzz' . | while read -r f; do \
	  for name in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$$f"); do \
	    echo "$$(dirname "$$f") $$name"; \
	    go test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x "$$(dirname "$$f")" || exit 1; \
	  done; done

bench:
	go test -run '^$$' -bench . -benchtime 200ms ./slots ./engine ./replication ./bench

profile: ## the profile that the program is compiled with, anew
	go run ./bench/profile
