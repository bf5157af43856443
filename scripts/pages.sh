#!/usr/bin/env bash
# docs/policies is generated from the policies' Specs.
#   pages.sh write   writes the pages anew
#   pages.sh check   fails where a page is not what its Spec says
set -euo pipefail
cd "$(dirname "$0")/.."

pages=docs/policies
case "${1:-}" in
write)
	rm -rf "$pages"
	mkdir -p "$pages"
	go run ./cmd/sallyport policy docs "$pages"
	;;
check)
	fresh=$(mktemp -d)
	trap 'rm -rf "$fresh"' EXIT
	go run ./cmd/sallyport policy docs "$fresh" >/dev/null
	if ! diff -r "$pages" "$fresh"; then
		echo "pages: $pages is not what the policies say; run: make docs"
		exit 1
	fi
	;;
*)
	echo "usage: $0 write|check" >&2
	exit 2
	;;
esac
