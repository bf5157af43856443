#!/usr/bin/env bash
# Installs, where it is missing, and starts what the tests need. Each need is one
# function; a new one is a new function and its name in the list at the end.
# A need that cannot be met is named with the command that meets it.
#
# usage: scripts/services.sh [NEED...]   (all of them where none is named)
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

# pebble is the test server of Let's Encrypt, an ACME authority for this machine,
# from the tools module.
pebble() {
	mkdir -p "$tools"
	go build -modfile=tools/go.mod -o "$tools/pebble" github.com/letsencrypt/pebble/v2/cmd/pebble
	say "pebble: bin/tools/pebble"
}

# tls_scanners look at what the listener offers, as those do who look from outside.
tls_scanners() {
	command -v sslscan >/dev/null && command -v testssl >/dev/null ||
		without_autostart package sslscan testssl.sh || return 1
	say "TLS scanners: sslscan, testssl"
}

# c_compiler is what the race detector links with; without it that run is skipped.
c_compiler() {
	command -v "$(go env CC)" >/dev/null || package gcc libc6-dev || return 0
	say "C compiler: $(command -v "$(go env CC)" || echo none, the race detector is skipped)"
}

# samples run those of the portal's code samples that are in PHP: 3 MB, of which
# 16 MB are installed. What the others need is there for other tests; what C# needs,
# `make samples` says.
samples() {
	command -v php >/dev/null && php -m | grep -qx curl || package php-cli php-curl || return 1
	say "samples: $(php -r 'echo "PHP ", PHP_VERSION;')"
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

# azure_cli is Azure's command line, which test/az drives against a running
# sallyport serve.
azure_cli() {
	command -v az >/dev/null || package azure-cli || return 1
	say "azure-cli: $(command -v az)"
}

# systemd verifies the units in deploy/systemd; it is not started.
systemd() {
	command -v systemd-analyze >/dev/null || package systemd || return 1
	say "systemd: $(command -v systemd-analyze)"
}

# browser is what the developer portal is tested with, without a window.
browser() {
	command -v chromium >/dev/null || package chromium fonts-dejavu-core || return 1
	say "browser: $(chromium --version 2>/dev/null)"
}

# testdata are the large public specifications and the accessibility checker,
# fetched once and checked.
testdata() {
	command -v npm >/dev/null || package npm || return 1
	./scripts/testdata.sh
	say "test data: .cache/testdata"
}

# postgres_folder prints where PostgreSQL's programs are: Debian keeps them out
# of the PATH, one folder a release.
postgres_folder() {
	local candidate
	for candidate in "$(dirname "$(readlink -f "$(command -v initdb)")")" \
		"$(dirname "$(readlink -f "$(command -v postgres)")")" \
		$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
		[ -x "$candidate/initdb" ] && [ -x "$candidate/pg_ctl" ] && echo "$candidate" && return
	done
	return 1
}

# as_postgres COMMAND...: runs it as a user that PostgreSQL accepts: it refuses
# to run as root.
as_postgres() {
	if [ "$(id -u)" != 0 ]; then
		"$@"
		return
	fi
	local user=nobody
	id postgres >/dev/null 2>&1 && user=postgres
	setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups env HOME=/tmp "$@"
}

# postgres is the database server of the tests. It keeps what it acknowledged,
# as in production, listens on this machine only, and makes its data anew where
# they are gone. .cache/services/postgres.url, which tests read, says where it is.
postgres() {
	local bin data url=$PWD/.cache/services/postgres.url port
	bin=$(postgres_folder) || { without_autostart package postgresql && bin=$(postgres_folder); } || return 1
	data=${TMPDIR:-/tmp}/sallyport-postgres-$(id -u)-$(pwd | cksum | cut -d' ' -f1)
	mkdir -p "$(dirname "$url")"
	if [ -s "$url" ] && [ -e "$data/secret" ] && (cd / && as_postgres "$bin/pg_ctl" -D "$data/db" status >/dev/null); then
		say "postgres: running, .cache/services/postgres.url says where"
		return
	fi
	(cd / && as_postgres "$bin/pg_ctl" -D "$data/db" -m immediate stop >/dev/null 2>&1) || true
	rm -rf "$data"
	mkdir -m 700 "$data"
	od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$data/secret"
	[ "$(id -u)" != 0 ] || chown -R "$(as_postgres id -u)" "$data"
	(cd / && as_postgres "$bin/initdb" -D "$data/db" -U sallyport --pwfile="$data/secret" \
		-A scram-sha-256 -E UTF8 --locale=C >"$data/initdb.log") || { cat "$data/initdb.log"; return 1; }
	for port in $(seq 54320 54360); do
		(cd / && as_postgres "$bin/pg_ctl" -D "$data/db" -l "$data/log" -w -s start \
			-o "-p $port -k $data -c listen_addresses=127.0.0.1 -c max_connections=200" 2>/dev/null) && break
		port=
	done
	[ -n "$port" ] || { say "postgres: does not start"; as_postgres tail -5 "$data/log"; return 1; }
	(umask 077 && echo "postgres://sallyport:$(cat "$data/secret")@127.0.0.1:$port/postgres" >"$url")
	say "postgres: $("$bin/postgres" --version), port $port"
}

# redis is what counters and caches are shared through. Each test starts servers
# and sentinels of its own, on ports and folders of its own.
redis() {
	command -v redis-server >/dev/null && command -v redis-sentinel >/dev/null ||
		without_autostart package redis-server redis-sentinel || return 1
	say "redis: $(redis-server --version)"
}

# valkey is the same with Valkey, which Debian has from release 13 on and among
# the backports of release 12.
valkey() {
	command -v valkey-server >/dev/null ||
		{ apt-cache show valkey-server >/dev/null 2>&1 && without_autostart package valkey-server; } ||
		without_autostart valkey_backport || {
		say "valkey: Debian's archives here do not have it; its tests say so"
		return 1
	}
	say "valkey: $(valkey-server --version)"
}

# valkey_backport installs it from the backports, whose list is used this once.
valkey_backport() {
	local lists list release site
	command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 1
	release=$(. /etc/os-release && echo "$VERSION_CODENAME")
	lists=$(mktemp -d)
	list=$lists/backports.list
	cat /etc/apt/sources.list 2>/dev/null >"$lists/main.list" || true
	cp /etc/apt/sources.list.d/*.sources "$lists/" 2>/dev/null || true
	# From where the machine has the release itself.
	site=$(apt-get indextargets --format '$(SITE) $(CODENAME)' | awk -v r="$release" '$2 == r { print $1; exit }')
	[ -n "$site" ] || return 1
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $release-backports main" >"$list"
	local from=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$lists" -o APT::Sandbox::User=root)
	apt-get "${from[@]}" update -qq &&
		apt-get "${from[@]}" install -qq -y --no-install-recommends -t "$release-backports" valkey-server >/dev/null
	local status=$?
	rm -rf "$lists"
	return $status
}

needs=(h2spec pebble tls_scanners c_compiler curl_client azure_cli systemd browser gateways samples testdata postgres redis valkey)
[ $# = 0 ] || needs=("$@")

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
