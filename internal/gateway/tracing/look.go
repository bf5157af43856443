package tracing

import (
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// shown are the header fields whose values are in traces: those that are never
// secret. Of others the name is there.
var shown = []string{
	"accept", "accept-encoding", "accept-language", "age", "allow", "cache-control", "connection", "content-encoding", "content-language",
	"content-length", "content-type", "date", "etag", "expires", "host", "if-match", "if-modified-since", "if-none-match", "last-modified",
	"origin", "range", "retry-after", "server", "transfer-encoding", "user-agent", "vary", "x-forwarded-proto",
}

// maxFields and maxValue bound what is noted of a header.
const (
	maxFields = 100
	maxValue  = 256
)

// hidden stands for a value that may be secret.
const hidden = "[not shown]"

// messages is how request and answer look before a step.
type messages struct {
	method, url string
	status      int
	request     map[string]string
	response    map[string]string
	backend     policy.BackendAnswer
}

// look notes how request and answer look now.
func look(c *policy.Call) messages {
	return messages{
		method: strings.Clone(c.Request.Method), url: urlData(&c.Request.URL), status: c.Response.Status,
		request: whole(&c.Request.Header), response: whole(&c.Response.Header), backend: c.Backend,
	}
}

// whole are the values of all fields, for comparing; they are in no entry.
func whole(h *message.Header) map[string]string {
	m := make(map[string]string, h.Len())
	for _, f := range h.Fields()[:min(h.Len(), maxFields)] {
		name := fieldName(f.Name)
		m[name] += strings.Clone(f.Value) + "\x00"
	}
	return m
}

// fieldName is a name as traces have it, which outlives the call.
func fieldName(name string) string { return strings.Clone(strings.ToLower(name)) }

// differences notes what a step changed.
func (m *messages) differences(c *policy.Call, data map[string]any) {
	now := look(c)
	if now.method != m.method {
		data["method"] = change(m.method, now.method)
	}
	if now.url != m.url {
		data["url"] = change(m.url, now.url)
	}
	if now.status != m.status {
		data["status"] = map[string]any{"from": m.status, "to": now.status}
	}
	if d := compare(m.request, now.request); len(d) > 0 {
		data["requestHeaders"] = d
	}
	if d := compare(m.response, now.response); len(d) > 0 {
		data["responseHeaders"] = d
	}
}

func change(from, to string) map[string]any { return map[string]any{"from": from, "to": to} }

// compare says of each field that differs what became of it.
func compare(before, after map[string]string) map[string]any {
	d := map[string]any{}
	for name, value := range after {
		if old, ok := before[name]; !ok || old != value {
			d[name] = map[string]any{"set": shownValue(name, strings.ReplaceAll(strings.TrimSuffix(value, "\x00"), "\x00", ", "))}
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			d[name] = "removed"
		}
	}
	return d
}

// shownValue is the value of a field as a trace may have it.
func shownValue(name, value string) string {
	if !slices.Contains(shown, name) {
		return hidden
	}
	if len(value) > maxValue {
		value = strings.ToValidUTF8(value[:maxValue], "") + "…"
	}
	return value
}

// fieldData are the fields of a header, each with its value or without.
func fieldData(h *message.Header) map[string]string {
	m := map[string]string{}
	for _, f := range h.Fields()[:min(h.Len(), maxFields)] {
		name := fieldName(f.Name)
		m[name] = shownValue(name, strings.Clone(f.Value))
	}
	return m
}

// urlData is a URL with the names of its query parameters and without their
// values.
func urlData(u *message.URL) string {
	path := *u
	path.Query = ""
	text := path.String()
	if u.Query == "" {
		return text
	}
	var names []string
	for p := range u.QueryParameters() {
		if len(names) == maxFields {
			break
		}
		names = append(names, strings.Clone(p.Name())+"="+hidden)
	}
	return text + "?" + strings.Join(names, "&")
}

// requestData is the request as the client sent it.
func requestData(c *policy.Call) map[string]any {
	return map[string]any{"method": strings.Clone(c.Request.Method), "url": urlData(&c.Original), "headers": fieldData(&c.Request.Header)}
}

// backendData is what is known of the last call of a backend.
func backendData(c *policy.Call) map[string]any {
	return map[string]any{"id": strings.Clone(c.Backend.ID), "status": c.Backend.Status, "took": c.Backend.Duration.String()}
}
