#!/usr/bin/env bash
# Fetches the public API descriptions that the tests match against, and what
# checks the portal's pages, into .cache/testdata, which git ignores. A file
# that is there with the right SHA-256 is not fetched again; each file that
# fails is named.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$PWD/.cache/testdata
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf 'testdata: %s\n' "$*"; }

# matches FILE SHA256: whether the file is there and is the pinned one.
matches() {
	[ -f "$1" ] && [ "$(sha256 "$1")" = "$2" ]
}

sha256() {
	if command -v sha256sum >/dev/null; then sha256sum "$1" | cut -d' ' -f1; else shasum -a 256 "$1" | cut -d' ' -f1; fi
}

# npm_file PACKAGE VERSION FILE: writes a file of an npm package to $work/file.
npm_file() {
	(cd "$work" && npm pack --silent "$1@$2" >/dev/null) && mv "$work"/*.tgz "$work/package.tgz"
	tar -xzf "$work/package.tgz" -O "package/$3" >"$work/file"
	rm -f "$work/package.tgz"
}

# go_file MODULE VERSION FILE: writes a file of a Go module to $work/file.
go_file() {
	local dir
	dir=$(cd "$work" && GOFLAGS=-modcacherw go mod download -json "$1@$2" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",\{0,1\}$/\1/p')
	[ -n "$dir" ] && cp "$dir/$3" "$work/file"
}

# fetch NAME SHA256 KIND PACKAGE VERSION FILE
fetch() {
	local name=$1 sum=$2
	if matches "$out/$name" "$sum"; then
		say "$name: there"
		return
	fi
	say "$name: fetching from $4@$5"
	rm -f "$work/file"
	if ! "$3_file" "$4" "$5" "$6"; then
		say "$name: could not be fetched from $4@$5: is the network there?"
		return 1
	fi
	if ! matches "$work/file" "$sum"; then
		say "$name: SHA-256 is $(sha256 "$work/file"), expected $sum; not kept"
		return 1
	fi
	chmod 0644 "$work/file"
	mv -f "$work/file" "$out/$name"
	say "$name: .cache/testdata/$name"
}

failed=0

# GitHub's REST API, OpenAPI 3.0, 1,223 operations (MIT).
fetch github.json 829b4bebb19a53133289f7b0bc819f4f1118115821db2ca9f25e9ee995a7da2a \
	npm @octokit/openapi 23.0.2 generated/api.github.com.json || failed=1

# Kubernetes' API, Swagger 2.0, 738 operations (Apache-2.0).
fetch kubernetes.json ecadad734eb65fe73e9612304490398c0c9162cac9787468000fa0fa2af8ba3e \
	go k8s.io/kube-openapi v0.0.0-20250910181357-589584f1c912 pkg/schemaconv/testdata/swagger.json || failed=1

# axe-core, which looks for what keeps people from using a page (MPL-2.0).
fetch axe.min.js 29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c \
	npm axe-core 4.14.1 axe.min.js || failed=1

exit "$failed"
