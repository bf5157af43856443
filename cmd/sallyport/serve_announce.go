package main

import (
	"fmt"
	"io"
	"net"

	"github.com/sallyport/sallyport/cmd/sallyport/fleet"
)

// reachable makes an address that this machine can call of one to listen on.
func reachable(address string) string {
	h, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if h == "" || h == "0.0.0.0" || h == "::" {
		h = "localhost"
	}
	return net.JoinHostPort(h, port)
}

// announce prints what is running and what to try.
func (s *plane) announce(out io.Writer) {
	base := "http://" + reachable(s.gateway)
	if s.o.fleet.Role == fleet.RoleControl {
		fmt.Fprintf(out, "\nSallyport %s manages the service %s in %s\n", version, s.o.installation.Names.Service, s.o.data)
	} else {
		fmt.Fprintf(out, "\nSallyport %s is serving %s, service %s in %s\n", version, base, s.o.installation.Names.Service, s.o.data)
	}
	if s.o.admin != "" {
		fmt.Fprintf(out, "Metrics and health: http://%s/metrics, /healthz, /readyz\n", s.o.admin)
	}
	s.site.Announce(out)
	if s.server == nil {
		fmt.Fprintln(out, "The management API is not there yet; see the log.\nStop with Ctrl-C.")
		return
	}
	s.announceManagement(out)
	if s.o.fleet.Role == fleet.RoleControl {
		fmt.Fprintln(out, "Gateways follow it: sallyport gateway token NAME\nStop with Ctrl-C.")
		return
	}
	keys := s.exampleKeys()
	starter, trial, unlimited := keys["starter"], keys["trial"], keys["unlimited"]
	if starter == "" || trial == "" || unlimited == "" {
		fmt.Fprintln(out, "Stop with Ctrl-C.")
		return
	}
	fmt.Fprintf(out, `
Try:
  curl -i -H "Ocp-Apim-Subscription-Key: %[2]s" "%[1]s/echo/resource?param1=sample"     # 200, from the backend
  curl -i -H "Ocp-Apim-Subscription-Key: %[2]s" "%[1]s/petstore/pet/1"                  # 200, an example of the OpenAPI document
  curl -i "%[1]s/echo/resource"                                                         # 401, no key
  curl -i -H "Ocp-Apim-Subscription-Key: wrong" "%[1]s/echo/resource"                   # 401, wrong key
  curl -i -H "Ocp-Apim-Subscription-Key: %[2]s" "%[1]s/nowhere"                         # 404, no such API
  for i in 1 2 3 4 5 6; do curl -i -H "Ocp-Apim-Subscription-Key: %[3]s" "%[1]s/echo/resource"; done   # the sixth is 429
  for i in 1 2 3 4; do curl -i -H "Ocp-Apim-Subscription-Key: %[4]s" "%[1]s/echo/resource"; done       # the fourth is 403

Change it: sallyport export DIR, edit a file, sallyport apply DIR, and call again.
Stop with Ctrl-C.
`, base, unlimited, starter, trial)
}

// announceManagement prints how the management API is reached.
func (s *plane) announceManagement(out io.Writer) {
	fmt.Fprintf(out, "Management API: %s%s\n", s.url, s.o.installation.Names.ID())
	if s.o.management.certificate == "" && s.o.management.insecure == "" {
		fmt.Fprintf(out, "  its certificate is of the authority in %s\n", s.authority())
	}
	credential := s.api.Credential
	if credential == nil {
		return
	}
	fmt.Fprintf(out, "Administrator, shown this once:\n  client id      %s\n  client secret  %s\n  tenant         %s\n",
		credential.ClientID, credential.Secret, credential.Tenant)
	s.api.Credential = nil
}
