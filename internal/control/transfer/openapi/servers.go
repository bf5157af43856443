package openapi

import (
	"net/url"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/document"
)

// serviceURL returns the URL of the backend that the document names. API
// Management takes the first https server, and none where there is no such.
func (m *importer) serviceURL() string {
	if m.swagger {
		if servers := m.root.Get("x-servers"); servers.Is(document.List) {
			return firstHTTPS(servers)
		}
		return m.swaggerURL()
	}
	return firstHTTPS(m.root.Get("servers"))
}

func firstHTTPS(servers *document.Node) string {
	if !servers.Is(document.List) {
		return ""
	}
	for _, s := range servers.Items {
		text := withVariables(s.Get("url").String(), s.Get("variables"))
		if u, err := url.Parse(text); err == nil && strings.EqualFold(u.Scheme, "https") && u.Host != "" {
			return text
		}
	}
	return ""
}

// withVariables puts the defaults of a server's variables in its URL.
func withVariables(text string, variables *document.Node) string {
	if variables == nil {
		return text
	}
	for _, v := range variables.Members {
		text = strings.ReplaceAll(text, "{"+v.Name+"}", v.Value.Get("default").String())
	}
	return text
}

func (m *importer) swaggerURL() string {
	host := m.root.Get("host").String()
	if host == "" {
		return ""
	}
	scheme := "https"
	if schemes := m.root.Get("schemes"); schemes.Is(document.List) && len(schemes.Items) > 0 {
		scheme = schemes.Items[0].String()
		for _, s := range schemes.Items {
			if s.String() == "https" {
				scheme = "https"
			}
		}
	}
	text := scheme + "://" + host + "/" + strings.Trim(m.root.Get("basePath").String(), "/")
	return strings.TrimSuffix(text, "/")
}
