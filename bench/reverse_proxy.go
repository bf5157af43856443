package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"
)

// The variables that make this program serve as a gateway on httputil's
// ReverseProxy, to the origin and on the address that they hold.
const (
	reverseProxyVariable = "SALLYPORT_BENCH_ORIGIN"
	reverseProxyListen   = "SALLYPORT_BENCH_LISTEN"
)

// reverseProxyHeadTimeout bounds the time to send the head of a request.
const reverseProxyHeadTimeout = 10 * time.Second

// serveReverseProxy serves what most gateways in Go are built on, without a
// log.
func serveReverseProxy(origin string) error {
	target, err := url.Parse("http://" + origin)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", os.Getenv(reverseProxyListen)) //nolint:noctx // It serves until it is killed.
	if err != nil {
		return err
	}
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return fmt.Errorf("the default transport is a %T", http.DefaultTransport)
	}
	transport = transport.Clone()
	transport.MaxIdleConnsPerHost = 512
	transport.MaxIdleConns = 0
	proxy := &httputil.ReverseProxy{Transport: transport, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.SetXForwarded()
	}}
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: reverseProxyHeadTimeout}
	return server.Serve(l)
}
