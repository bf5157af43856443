package main

import (
	"crypto/tls"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// long runs what takes minutes.
var long = flag.Bool("long", false, "run the long forms of the promises")

// scan is what sslscan has found.
type scan struct {
	Protocols []struct {
		Type    string `xml:"type,attr"`
		Version string `xml:"version,attr"`
		Enabled string `xml:"enabled,attr"`
	} `xml:"ssltest>protocol"`
	Ciphers []struct {
		Version  string `xml:"sslversion,attr"`
		Name     string `xml:"cipher,attr"`
		Bits     int    `xml:"bits,attr"`
		Strength string `xml:"strength,attr"`
	} `xml:"ssltest>cipher"`
	Renegotiation struct {
		Supported string `xml:"supported,attr"`
		Secure    string `xml:"secure,attr"`
	} `xml:"ssltest>renegotiation"`
	Heartbleed []struct {
		Vulnerable string `xml:"vulnerable,attr"`
	} `xml:"ssltest>heartbleed"`
}

// required fails where a program is missing.
func required(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Fatalf("SKIPPED-REQUIRED: %s is missing; scripts/services.sh tls_scanners installs it", program)
	}
}

// sslscan returns what is wrong with a listener, and how many suites it offers.
func sslscan(t *testing.T, address string) (wrong []string, offered int) {
	t.Helper()
	required(t, "sslscan")
	out, err := exec.CommandContext(t.Context(), "sslscan", "--xml=-", address).Output()
	if err != nil {
		t.Fatal(err)
	}
	var found scan
	if err := xml.Unmarshal(out, &found); err != nil {
		t.Fatalf("reading what sslscan has found: %v\n%s", err, out)
	}
	return found.wrong(), len(found.Ciphers)
}

// wrong returns the versions and suites that are not to be offered.
func (s *scan) wrong() (wrong []string) {
	for _, p := range s.Protocols {
		good := p.Type == "tls" && (p.Version == "1.2" || p.Version == "1.3")
		if on := p.Enabled == "1"; on != good {
			wrong = append(wrong, fmt.Sprintf("%s %s: enabled %v", p.Type, p.Version, on))
		}
	}
	for _, c := range s.Ciphers {
		forward := c.Version == "TLSv1.3" || strings.HasPrefix(c.Name, "ECDHE-")
		sealed := strings.Contains(c.Name, "GCM") || strings.Contains(c.Name, "CHACHA20")
		if !forward || !sealed || c.Bits < 128 || c.Strength == "weak" {
			wrong = append(wrong, c.Version+" "+c.Name)
		}
	}
	if s.Renegotiation.Supported == "1" && s.Renegotiation.Secure != "1" {
		wrong = append(wrong, "insecure renegotiation")
	}
	for _, h := range s.Heartbleed {
		if h.Vulnerable == "1" {
			wrong = append(wrong, "heartbleed")
		}
	}
	if len(s.Protocols) < 4 || len(s.Ciphers) == 0 {
		wrong = append(wrong, fmt.Sprintf("sslscan has looked at %d versions and found %d suites", len(s.Protocols), len(s.Ciphers)))
	}
	return wrong
}

// finding is one finding of testssl.
type finding struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	Finding  string `json:"finding"`
}

// notTheListeners are findings about what the listener does not decide: the
// certificate, the name service, fields of answers, and the program itself.
// Tickets name a lifetime of seven days, and are taken for two at most.
func notTheListeners(id string) bool {
	return strings.HasPrefix(id, "cert_") || strings.HasPrefix(id, "cert ") ||
		slices.Contains([]string{"DNS_CAArecord", "HSTS", "security_headers", "engine_problem", "TLS_session_ticket", "banner_server"}, id)
}

// testssl returns what testssl finds wrong, and how many things it looked at.
func testssl(t *testing.T, address string, more ...string) (wrong []string, looked int) {
	t.Helper()
	required(t, "testssl")
	file := filepath.Join(t.TempDir(), "findings.json")
	c := exec.CommandContext(t.Context(), "testssl", append(more, "--quiet", "--color", "0", "--ip", "one", "--jsonfile", file, address)...)
	_ = c.Run() // Its code counts the findings.
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return readFindings(t, data)
}

func readFindings(t *testing.T, data []byte) (wrong []string, looked int) {
	t.Helper()
	var all []finding
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatalf("reading what testssl has found: %v", err)
	}
	for _, f := range all {
		if f.Severity != "OK" && f.Severity != "INFO" && !notTheListeners(f.ID) {
			wrong = append(wrong, f.Severity+" "+f.ID+": "+f.Finding)
		}
	}
	return wrong, len(all)
}

// httpsAddress starts a gateway with HTTPS.
func httpsAddress(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	goodFolder(t, dir, "hello")
	flags, _ := httpsFiles(t)
	_, log := startGateway(t, dir, "", append(flags, "--listen-tls", "127.0.0.1:0")...)
	_, address, _ := strings.Cut(log.wait(t, 0, `msg="accepting HTTPS" address=\S+`), "address=")
	return address
}

// loose starts a listener as they were years ago.
func loose(t *testing.T) string {
	t.Helper()
	_, certificate, key := (*authority)(nil).issue(t, 1, "loose")
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS10, //nolint:gosec // It is what must be found.
		CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func(c net.Conn) {
				defer c.Close()
				_, _ = c.Read(make([]byte, 1)) // The handshake is all that is wanted.
			}(c)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// TestS10_Scanners looks at the listener as those do who look from outside.
func TestS10_Scanners(t *testing.T) {
	address := httpsAddress(t)
	wrong, offered := sslscan(t, address)
	if len(wrong) > 0 {
		t.Errorf("sslscan finds:\n%s", strings.Join(wrong, "\n"))
	}
	fmt.Printf("S10: sslscan finds %d suites of TLS 1.2 and 1.3, and %d that are weak or of another version (0)\n", offered, len(wrong))
	if !*long {
		return
	}
	wrong, looked := testssl(t, address)
	if len(wrong) > 0 || looked < 100 {
		t.Errorf("testssl looks at %d things (at least 100), and finds:\n%s", looked, strings.Join(wrong, "\n"))
	}
	fmt.Printf("S10: testssl finds %d of %d things wrong (0)\n", len(wrong), looked)
}

// TestS10_Scanners_NegativeControl has them look at a listener with old versions
// and weak suites.
func TestS10_Scanners_NegativeControl(t *testing.T) {
	address := loose(t)
	wrong, _ := sslscan(t, address)
	for _, want := range []string{"tls 1.0: enabled true", "tls 1.1: enabled true", "AES128-SHA"} {
		if !strings.Contains(strings.Join(wrong, "\n"), want) {
			t.Errorf("sslscan does not find %q: %v", want, wrong)
		}
	}
	fmt.Printf("S10: of a loose listener sslscan finds %d things wrong (at least 3)\n", len(wrong))
	kept := []byte(`[{"id":"TLS1","severity":"LOW","finding":"offered (deprecated)"},{"id":"cert_chain_of_trust","severity":"CRITICAL","finding":"failed"},` +
		`{"id":"SSLv3","severity":"OK","finding":"not offered"},{"id":"RC4","severity":"HIGH","finding":"VULNERABLE"}]`)
	if wrong, looked := readFindings(t, kept); len(wrong) != 2 || looked != 4 {
		t.Errorf("of findings that are known, %v of %d are wrong", wrong, looked)
	}
	if !*long {
		return
	}
	if wrong, _ := testssl(t, address, "-p", "-s"); len(wrong) < 3 {
		t.Errorf("of a loose listener testssl finds only %v", wrong)
	}
}
