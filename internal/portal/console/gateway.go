package console

import (
	"net/url"
	"strings"
)

// gateway is the public URL of the service's gateway, as the catalogue knows it;
// nil where it is not known, or is no address that can be called.
func (c *console) gateway() *url.URL {
	u, err := url.Parse(c.catalogue.Current().GatewayURL())
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return nil
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(u.Path, "/")}
}
