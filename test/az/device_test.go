package az

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
)

// invitation is what az says to whoever signs in on another device.
var invitation = regexp.MustCompile(`open (https://\S+) and enter the code ([A-Z-]+)`)

// device signs in with a device code, as people without a browser do, and
// approves it as the page would.
func device(c *cli, in installation) {
	c.service = nil
	c.run("logout", nothing())
	ctx, cancel := context.WithTimeout(c.t.Context(), commandLimit)
	defer cancel()
	command := c.command(ctx, "login", "--use-device-code", "--tenant", "adfs")
	var out bytes.Buffer
	command.Stdout = &out
	errs, err := command.StderrPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		c.t.Fatal(err)
	}
	approved, said := false, ""
	for lines := bufio.NewScanner(errs); lines.Scan(); {
		said += lines.Text() + "\n"
		if found := invitation.FindStringSubmatch(lines.Text()); found != nil && !approved {
			approved = approve(c, in, found[1], found[2])
		}
	}
	if err := command.Wait(); err != nil || !approved {
		c.t.Fatalf("az login --use-device-code: %v, approved: %v\n%s", err, approved, said)
	}
	c.run("account show", field("user.type", "user"), field("user.name", "administrator"))
	c.run("apim list --resource-group sallyport", listed("sallyport"))
}

// approve fills in the page's form.
func approve(c *cli, in installation, page, code string) bool {
	authority, err := os.ReadFile(c.authority)
	if err != nil {
		c.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true}
	form := url.Values{"user_code": {code}, "client_id": {in.clientID}, "client_secret": {in.secret}}
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, page, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		c.t.Error(err)
		return false
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		c.t.Errorf("approving the device: %d %s, %v", answer.StatusCode, text, err)
	}
	return answer.StatusCode == http.StatusOK
}
