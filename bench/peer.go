package main

import (
	"fmt"
	"os"
)

// peer is a gateway that can be measured.
type peer struct {
	// name is what -only and the scenarios call it.
	name string
	// program is looked up in PATH; empty is this program itself.
	program string
	// packages are the Debian packages that have it.
	packages string
	// config is what is rendered from the folder config: a file or a folder.
	config string
	// arguments are those of the command line.
	arguments func(*site) []string
	// environment is set besides the one of the benchmark.
	environment func(*site) []string
	// lua and noLog are variants of nginx's configuration.
	lua, noLog bool
}

// Names of peers that the scenarios mention.
const (
	nginx        = "nginx"
	nginxNoLog   = "nginx-nolog"
	nginxLua     = "nginx-lua"
	haproxy      = "haproxy"
	caddy        = "caddy"
	reverseProxy = "reverseproxy"
	before       = "before"
	sallyport    = "sallyport"
)

// oneThread keeps a Go program to one thread of its own code.
func oneThread(*site) []string { return []string{"GOMAXPROCS=1"} }

func nginxArguments(s *site) []string {
	return []string{"-c", s.Config, "-p", s.Dir, "-e", s.Dir + "/error.log", "-g", "daemon off;"}
}

func sallyportArguments(s *site) []string {
	return []string{
		"gateway", "--config", s.Config, "--listen", s.HTTP, "--admin", s.Admin, "--access-log", s.Dir + "/access.log",
		"--listen-tls", s.HTTPS, "--tls-cert", s.Cert, "--tls-key", s.CertKey,
	}
}

// allPeers is the only list.
func allPeers() []*peer {
	return []*peer{
		{name: nginx, program: "nginx", packages: "nginx", config: "nginx.conf", arguments: nginxArguments},
		{name: nginxNoLog, program: "nginx", packages: "nginx", config: "nginx.conf", arguments: nginxArguments, noLog: true},
		{
			name: nginxLua, program: "nginx", packages: "nginx libnginx-mod-http-lua", config: "nginx.conf",
			arguments: nginxArguments, lua: true,
		},
		{
			name: haproxy, program: "haproxy", packages: "haproxy", config: "haproxy.cfg",
			arguments: func(s *site) []string { return []string{"-db", "-f", s.Config} },
		},
		{
			name: caddy, program: "caddy", packages: "caddy", config: "Caddyfile", environment: oneThread,
			arguments: func(s *site) []string { return []string{"run", "--adapter", "caddyfile", "--config", s.Config} },
		},
		{
			name: reverseProxy, config: "sallyport/policy.xml", arguments: func(*site) []string { return nil },
			environment: func(s *site) []string {
				return append(oneThread(s), reverseProxyVariable+"="+s.Origin, reverseProxyListen+"="+s.HTTP)
			},
		},
		{name: before, config: "sallyport", environment: oneThread, arguments: sallyportArguments},
		{name: sallyport, config: "sallyport", environment: oneThread, arguments: sallyportArguments},
	}
}

func peerNames() []string {
	var names []string
	for _, p := range allPeers() {
		names = append(names, p.name)
	}
	return names
}

// chosenPeers are the peers that a flag names, and nginx, which is the unit.
func chosenPeers(flag string) ([]*peer, error) {
	if flag != "" {
		flag = nginx + "," + flag
	}
	return pick("only", flag, allPeers(), func(p *peer) string { return p.name })
}

// nginxModules is where nginx's loadable modules are.
func nginxModules() string {
	const debian = "/usr/lib/nginx/modules"
	if folder := os.Getenv("NGINX_MODULES"); folder != "" {
		return folder
	}
	return debian
}

// missing says how to get a peer that is not installed.
func (p *peer) missing() string {
	return fmt.Sprintf("%s is left out: not installed (Debian: apt-get install %s)", p.name, p.packages)
}
