#!/usr/bin/env bash
# Installs, where it is missing, and starts what the tests need. Each need is one
# function; a new one is a new function and its name in the list at the end.
# A need that cannot be met is named with the command that meets it.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$PWD/bin/tools

say() { printf 'services: %s\n' "$*"; }

# package NAME...: installs Debian packages where that needs no password, and says
# what to install where it does.
package() {
	if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
		say "installing $*"
		apt-get install -qq -y --no-install-recommends "$@" >/dev/null ||
			{ apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@" >/dev/null; }
		return
	fi
	say "missing: $*. Install it with your package manager, for example: sudo apt-get install $*"
	return 1
}

# h2spec is the HTTP/2 conformance suite, a Go program from the tools module.
h2spec() {
	mkdir -p "$tools"
	go build -modfile=tools/go.mod -o "$tools/h2spec" github.com/summerwind/h2spec/cmd/h2spec
	say "h2spec: bin/tools/h2spec"
}

# c_compiler is what the race detector links with; without it that run is skipped.
c_compiler() {
	command -v "$(go env CC)" >/dev/null || package gcc libc6-dev || return 0
	say "C compiler: $(command -v "$(go env CC)" || echo none, the race detector is skipped)"
}

# gateways are what `make bench` compares with, and what requests are checked
# against as origins. Each run starts them itself, with configurations of its
# own: what Debian starts at installation stays off.
gateways() {
	local missing=() name
	for name in nginx haproxy caddy apache2 lighttpd; do
		PATH=$PATH:/usr/sbin command -v "$name" >/dev/null || missing+=("$name")
	done
	[ -e /usr/lib/nginx/modules/ngx_http_lua_module.so ] || missing+=(libnginx-mod-http-lua)
	[ ${#missing[@]} = 0 ] || without_autostart package "${missing[@]}" || {
		say "gateways: not all are there; what needs them says so"
		return 0
	}
	say "gateways: nginx with Lua, haproxy, caddy, apache2, lighttpd"
}

# without_autostart COMMAND...: runs a command that installs packages, and keeps
# Debian from starting their services.
without_autostart() {
	local rule=/usr/sbin/policy-rc.d
	if [ -e "$rule" ] || [ ! -w /usr/sbin ]; then
		"$@"
		return
	fi
	(
		trap 'rm -f "$rule"' EXIT
		printf '#!/bin/sh\nexit 101\n' >"$rule"
		chmod +x "$rule"
		"$@"
	)
}

# curl is what the quick start's lines are run with.
curl_client() {
	command -v curl >/dev/null || package curl ca-certificates || return 1
	say "curl: $(command -v curl)"
}

# testdata are the large public specifications, fetched once and checked.
testdata() {
	command -v npm >/dev/null || package npm || return 1
	./scripts/testdata.sh
	say "test data: .cache/testdata"
}

needs=(h2spec c_compiler curl_client gateways testdata)

command -v go >/dev/null || {
	say "missing: go. See https://go.dev/doc/install; go.mod says which release."
	exit 1
}
failed=0
for need in "${needs[@]}"; do
	"$need" || failed=1
done
[ "$failed" = 0 ] || { say "some needs are not met; the tests that need them will fail"; exit 1; }
say "ready"
