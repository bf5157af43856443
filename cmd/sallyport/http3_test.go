package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quic-go/quic-go/http3"
)

// httpsFiles writes a certificate, and returns the flags that use it and who has
// issued it.
func httpsFiles(t *testing.T) (flags []string, trusted *authority) {
	t.Helper()
	ours, _, _ := (*authority)(nil).issue(t, 1, "our authority")
	_, certificate, key := ours.issue(t, 2, "server")
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"server.pem": certificate, "server.key": key})
	return []string{"--tls-cert", filepath.Join(dir, "server.pem"), "--tls-key", filepath.Join(dir, "server.key")}, ours
}

// overHTTP3 returns the body of a call over HTTP/3.
func overHTTP3(t *testing.T, url string, trusted *authority) string {
	t.Helper()
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AddCert(trusted.certificate)
	transport := &http3.Transport{TLSClientConfig: config}
	defer transport.Close()
	response, err := (&http.Client{Transport: transport}).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// takeUDP takes a UDP port that nobody uses over TCP.
func takeUDP(t *testing.T) net.PacketConn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	socket, err := net.ListenPacket("udp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return socket
}

// TestHTTP3 calls a gateway over HTTP/3, on the port of HTTPS. Where another program
// has the UDP port, that is a warning, and HTTP/3 comes when the port is free.
func TestHTTP3(t *testing.T) {
	for _, taken := range []bool{false, true} {
		dir := t.TempDir()
		goodFolder(t, dir, "steady")
		write(t, filepath.Join(dir, "apis", "hello", "apiInformation.json"),
			`{"properties":{"displayName":"Hello","path":"hello","protocols":["https"],"subscriptionRequired":false}}`)
		flags, trusted := httpsFiles(t)
		address := "127.0.0.1:0"
		var other net.PacketConn
		if taken {
			other = takeUDP(t)
			address = other.LocalAddr().String()
		}
		_, log := startGateway(t, dir, "", append(flags, "--listen-tls", address)...)
		if taken {
			log.wait(t, 0, `level=WARN msg="HTTP/3 is not served before its UDP port can be opened`)
			if err := other.Close(); err != nil {
				t.Fatal(err)
			}
		}
		_, address, _ = strings.Cut(log.wait(t, 0, `msg="accepting HTTP/3" address=\S+`), "address=")
		if got := overHTTP3(t, "https://"+address+"/hello/world", trusted); got != "steady" {
			t.Errorf("port taken %v: over HTTP/3 it answered %q", taken, got)
		}
		if got := getOverTLS(t, "https://"+address+"/hello/world", trusted, nil); got != "steady" {
			t.Errorf("port taken %v: over TCP it answered %q", taken, got)
		}
	}
}

// TestHTTP3TakesASocketOver starts a process with a UDP socket.
func TestHTTP3TakesASocketOver(t *testing.T) {
	dir := t.TempDir()
	goodFolder(t, dir, "steady")
	write(t, filepath.Join(dir, "apis", "hello", "apiInformation.json"),
		`{"properties":{"displayName":"Hello","path":"hello","protocols":["https"],"subscriptionRequired":false}}`)
	flags, trusted := httpsFiles(t)
	socket := takeUDP(t)
	file, err := socket.(*net.UDPConn).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := socket.Close(); err != nil {
		t.Fatal(err)
	}
	s := &successor{log: newLogBuffer()}
	arguments := append([]string{"gateway", "--config", dir, "--listen", "", "--listen-tls", "127.0.0.1:0", "--admin", ""}, flags...)
	s.command = exec.CommandContext(t.Context(), os.Args[0], arguments...)
	s.command.Env = append(os.Environ(), asCommand+"=1", "LISTEN_FDS=1", "LISTEN_FDNAMES=http3")
	s.command.ExtraFiles, s.command.Stderr = []*os.File{file}, s.log
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	address := socket.LocalAddr().String()
	s.log.wait(t, 0, `msg="accepting HTTP/3" address=`+address)
	if got := overHTTP3(t, "https://"+address+"/hello/world", trusted); got != "steady" {
		t.Errorf("over the socket it answered %q", got)
	}
	s.stop(t)
}
