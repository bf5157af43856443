package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
)

// TestHostsOfASeparateGateway gives a gateway that follows from afar a host name and
// an authority of its own, through the management API of another process.
func TestHostsOfASeparateGateway(t *testing.T) {
	m := &mtls{https: freePort(t)}
	m.managed = startManaged(t)
	m.root, m.other = newPKI(t, "partners", nil), newPKI(t, "somebody else", nil)
	certificate := func(name string, p *pki) {
		body, err := json.Marshal(map[string]any{"properties": map[string]any{"data": p.archive("edge.example"), "password": "secret"}})
		if err != nil {
			t.Fatal(err)
		}
		m.api("PUT", "certificates/"+name, string(body), 201)
	}
	certificate("edge", m.root)
	m.api("PUT", "gateways/edge", `{"properties":{"locationData":{"name":"here"}}}`, 201)
	m.api("PUT", "gateways/edge/hostnameConfigurations/main",
		`{"properties":{"hostname":"edge.example","certificateId":"/certificates/edge","negotiateClientCertificate":true,"http2Enabled":false}}`, 201)
	m.api("PUT", "apis/secret", `{"properties":{"displayName":"s","path":"secret","protocols":["https"],"subscriptionRequired":false}}`, 201)
	m.api("PUT", "apis/secret/operations/get", `{"properties":{"displayName":"g","method":"GET","urlTemplate":"/"}}`, 201)
	m.policy(`<policies><inbound><base /><return-response><set-status code="200" reason="OK" /></return-response></inbound></policies>`)
	m.api("PUT", "gateways/edge/apis/secret", `{}`, 201)
	token := strings.TrimSpace(m.command("gateway", "token", "edge"))
	control, _, _ := strings.Cut(m.base, "/subscriptions/")

	log := newLogBuffer()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"serve", "--role", "gateway", "--control", control, "--token", token, "--data", t.TempDir(),
			"--listen", "127.0.0.1:0", "--admin", "", "--listen-tls", m.https, "--gateway-id", "edge-in-the-cellar"}, io.Discard, log)
	}()
	t.Cleanup(func() {
		cancel()
		if code := <-done; code != exitOK {
			t.Errorf("the gateway ended with %d", code)
		}
	})
	log.wait(t, 0, `msg="configuration applied"`)
	c, err := tls.Dial("tcp", m.https, &tls.Config{ServerName: "edge.example", InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	state := c.ConnectionState()
	_ = c.Close()
	if leaf := state.PeerCertificates[0]; leaf.VerifyHostname("edge.example") != nil || state.NegotiatedProtocol != "http/1.1" {
		t.Errorf("the certificate is for %v, the protocol %s", leaf.DNSNames, state.NegotiatedProtocol)
	}
	client := m.root.issue(nil)
	for _, protocol := range []string{"HTTP/1.1", "HTTP/3"} {
		if got := m.ask(protocol, "edge.example", "edge.example", &client); got != "200" {
			t.Errorf("%s: %s", protocol, got)
		}
	}
	if got := fmt.Sprint(m.ask("HTTP/1.1", "other.example", "other.example", nil)); !strings.HasPrefix(got, "error") {
		t.Errorf("a host that is not the gateway's: %s", got)
	}
}
