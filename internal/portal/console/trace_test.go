package console

import (
	"net/http"
	"strings"
	"testing"
)

// withTraces makes the management plane give debug tokens and answer a trace.
func withTraces(_ *Options, p *plane) {
	p.set("POST gateways/managed/listDebugCredentials", object{"token": "p=tracing&aid=shop&ex=1&sn=x"})
	p.set("POST gateways/managed/listTrace", object{"traceId": "t1", "traceEntries": object{"inbound": []any{
		object{"source": "set-header", "elapsed": "00:00:00.1", "timestamp": "2026-01-01T00:00:00Z", "data": object{"scope": "<b>api"}}}}})
}

func traced(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Apim-Debug-Authorization") != "" {
		w.Header().Set("Apim-Trace-Id", "t1")
	}
}

func TestTrace(t *testing.T) {
	p := newPortal(t, traced, withTraces)
	p.user = "root"
	_, text := p.post(orderPath, "path.id", "7", "trace", "yes")
	if !strings.Contains(text, "inbound: 1") || !strings.Contains(text, "set-header, after 00:00:00.1") || !strings.Contains(text, "003eapi") || strings.Contains(text, "aid=shop") {
		t.Errorf("the page does not have the trace, or has the token: %s", text)
	}
	list := p.send(orderPath, "path.id", "7", "trace", "yes")
	if end := list[len(list)-1].End; end == nil || end.Trace == nil || len(end.Trace.Sections) != 1 || !strings.Contains(end.Trace.Sections[0].Entries[0].Data, "003eapi") {
		t.Errorf("end: %+v", end)
	}
	if _, text := p.do(http.MethodGet, orderPath, nil); !strings.Contains(text, `name="trace"`) {
		t.Error("administrators are not offered a trace")
	}
}

func TestTrace_AdministratorsOnly(t *testing.T) {
	p := newPortal(t, traced, withTraces)
	p.user = "ann"
	p.post(orderPath, "path.id", "7", "trace", "yes")
	if p.plane.wasAsked("POST gateways/managed/listDebugCredentials") || p.gateway.requests()[0].Header.Get("Apim-Debug-Authorization") != "" {
		t.Error("a visitor's call was traced")
	}
	if _, text := p.do(http.MethodGet, orderPath, nil); strings.Contains(text, `name="trace"`) {
		t.Error("visitors are offered a trace")
	}
}

// TestTrace_GatewayOfItsOwn asks the gateway resource whose gateway answers.
func TestTrace_GatewayOfItsOwn(t *testing.T) {
	p := newPortal(t, traced, func(o *Options, p *plane) {
		o.GatewayName = "edge"
		p.set("POST gateways/edge/listDebugCredentials", object{"token": "p=tracing&aid=shop&ex=1&sn=x"})
		p.set("POST gateways/edge/listTrace", object{"traceId": "t1", "traceEntries": object{"inbound": []any{
			object{"source": "set-header", "elapsed": "00:00:00.1", "timestamp": "2026-01-01T00:00:00Z", "data": object{}}}}})
	})
	p.user = "root"
	if _, text := p.post(orderPath, "path.id", "7", "trace", "yes"); !strings.Contains(text, "inbound: 1") {
		t.Error("the page does not have the trace")
	}
	if p.plane.wasAsked("POST gateways/managed/listDebugCredentials") {
		t.Error("the managed gateway's credentials were asked for")
	}
}

func TestTrace_None(t *testing.T) {
	p := newPortal(t, nil, withTraces)
	p.user = "root"
	if _, text := p.post(orderPath, "path.id", "7", "trace", "yes"); !strings.Contains(text, "The gateway recorded no trace") || !strings.Contains(text, "200 OK") {
		t.Error("a gateway without traces is not told of")
	}
}
