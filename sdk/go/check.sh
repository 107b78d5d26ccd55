#!/bin/sh
# Formats, vets, lints and tests the Go SDK, with the race detector. Needs go, a C compiler and redis-server.
# The last line counts the tests, from go's own report; the status is 0 when all is well.
set -u
cd "$(dirname "$0")" || exit 1

# Not a tool directive: that would ask everybody who uses the module for a newer Go.
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2
report=$(mktemp)
trap 'rm -f "$report"' EXIT

status=0
unformatted=$(gofmt -l .)
[ -z "$unformatted" ] || { echo "not formatted: $unformatted"; status=1; }
go vet ./... || status=1
go run "$staticcheck" ./... || status=1

go test -race -timeout 300s -json "$@" ./... > "$report" || status=1
# A test says of itself that it passed or failed; what failed is shown with all it printed.
count() { grep -c "\"Action\":\"$1\".*\"Test\":" "$report" || true; }
passed=$(count pass)
failed=$(count fail)
if grep -q '"Action":"\(build-\)\?fail"' "$report"; then
  grep -E '"Action":"(output|build-output)"' "$report" | sed 's/.*"Output":"//; s/\\n"}$//; s/\\t/  /g' |
    grep -E -A20 -- '--- FAIL|panic:|DATA RACE|^[^ ]*\.go:[0-9]+' | head -200
fi
# A package that does not build has no tests to fail.
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
[ "$passed" -gt 0 ] || status=1
echo "go: $passed passed, $failed failed"
exit "$status"
