#!/usr/bin/env bash
# Runs every fuzz target of the module for FUZZ_TIME each, one after the other, and
# ends with an error when one of them found something.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${FUZZ_TIME:-30s}
failed=()
while IFS=: read -r file name; do
	folder=$(dirname "$file")
	printf '== %s in %s for %s\n' "$name" "$folder" "$time"
	go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" "./$folder" || failed+=("$folder $name")
done < <(git ls-files '*_test.go' | xargs grep -oHE '^func Fuzz[A-Za-z0-9_]*' | sed 's/:func /:/' | sort)

if [ "${#failed[@]}" -gt 0 ]; then
	echo "fuzz: failed:"
	printf '  %s\n' "${failed[@]}"
	echo "The input that fails is now in the package's testdata/fuzz: commit it with the fix."
	exit 1
fi
echo "fuzz: nothing found"
