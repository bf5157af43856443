#!/usr/bin/env bash
# docs/policies is generated from the policies' Specs, docs/expressions from the
# tables of the expression library.
#   pages.sh write   writes the pages anew
#   pages.sh check   fails where a page is not what it is generated from
set -euo pipefail
cd "$(dirname "$0")/.."

folders=(policies expressions)

# generate FOLDER DIR writes the pages of docs/FOLDER into DIR.
generate() {
	case "$1" in
	policies) go run ./cmd/sallyport policy docs "$2" >/dev/null ;;
	expressions) go run ./cmd/sallyport expr docs "$2" >/dev/null ;;
	esac
}

case "${1:-}" in
write)
	for folder in "${folders[@]}"; do
		rm -rf "docs/$folder"
		mkdir -p "docs/$folder"
		generate "$folder" "docs/$folder"
	done
	;;
check)
	fresh=$(mktemp -d)
	trap 'rm -rf "$fresh"' EXIT
	for folder in "${folders[@]}"; do
		generate "$folder" "$fresh/$folder"
		if ! diff -r "docs/$folder" "$fresh/$folder"; then
			echo "pages: docs/$folder is not what it is generated from; run: make docs"
			exit 1
		fi
	done
	;;
*)
	echo "usage: $0 write|check" >&2
	exit 2
	;;
esac
