#!/usr/bin/env bash
# docs/packages.txt has a line for each package of others, and of the standard
# library, that the program links on Linux, so that what a change drags in shows
# in its diff.
#   packages.sh write          writes it anew
#   packages.sh check [FILE]   fails where the file is not what the program links
set -euo pipefail
cd "$(dirname "$0")/.."

list() {
	cat <<'END'
# The packages that the program links on linux/amd64, but for its own and those
# that are internal to the standard library: the module, the package. Written by
# `make docs`; why each module is there stands in dependencies.md.
END
	GOOS=linux GOARCH=amd64 CGO_ENABLED=0 go list -deps -f \
		'{{if .Standard}}std {{.ImportPath}}{{else if not .Module.Main}}{{.Module.Path}} {{.ImportPath}}{{end}}' ./cmd/sallyport |
		grep -v -e '^$' -e '^std vendor/' -e '^std internal/' -e '^std .*/internal$' -e '^std .*/internal/' | LC_ALL=C sort -u
}

case "${1:-}" in
write)
	list >docs/packages.txt.new
	mv docs/packages.txt.new docs/packages.txt
	;;
check)
	if ! diff -u "${2:-docs/packages.txt}" <(list); then
		echo "packages: ${2:-docs/packages.txt} is not what the program links; if it is meant to, run: make docs"
		exit 1
	fi
	;;
*)
	echo "usage: $0 write|check [FILE]" >&2
	exit 2
	;;
esac
