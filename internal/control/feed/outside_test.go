package feed_test

import (
	"strings"
	"testing"

	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

// TestHostsStayInside gives the service a host name with its certificate: its own
// gateway gets it, and separate ones get the service without it, now and with the
// next change.
func TestHostsStayInside(t *testing.T) {
	n := newNode(t, rig{})
	n.gateway("edge")
	host := func(more string) string {
		return `{"location":"x","sku":{"name":"Developer","capacity":1},"properties":{"publisherEmail":"a@example.com","publisherName":"A` + more + `",
		"hostnameConfigurations":[{"type":"Proxy","hostName":"api.example","encodedCertificate":"*** private ***"}]}}`
	}
	n.put("", host(""))
	secret := func(g *gateway) (has bool) {
		for _, l := range g.resources {
			has = has || strings.Contains(string(l.Text), "private")
		}
		return has
	}
	managed := n.follower(n.token("managed")).follows(protocol.TypeDocument)
	edge := n.follower(n.token("edge")).follows(protocol.TypeDocument)
	if !secret(managed) || secret(edge) || !edge.has("") {
		t.Errorf("the managed gateway has the certificate: %v; the other one: %v", secret(managed), secret(edge))
	}
	n.put("", host(" Ltd"))
	edge.wants(protocol.TypeDelta)
	if secret(edge) {
		t.Error("a separate gateway gets the certificate with a change")
	}
}
