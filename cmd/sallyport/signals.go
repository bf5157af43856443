package main

import (
	"fmt"
	"io"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/cmd/sallyport/hosts"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// startHosts reads the certificates, and follows those of the configuration.
func (p *process) startHosts(o *gatewayOptions) (err error) {
	p.hosts, err = hosts.New(hosts.Options{
		Flags: o.tls, Listen: o.listenTLS, Data: o.data, Clock: p.clock, Log: p.log.Logger, Metrics: p.metrics, Health: p.health,
	})
	if err == nil {
		p.observers = append(p.observers, p.hosts.Observe)
	}
	return err
}

// startSignals makes log, access log and metrics.
func (p *process) startSignals(o *gatewayOptions, stderr io.Writer) (err error) {
	format, err := telemetry.ParseFormat(o.logFormat)
	if err != nil {
		return &commandline.UsageError{Err: err}
	}
	level, err := telemetry.ParseLevel(o.logLevel)
	if err != nil {
		return &commandline.UsageError{Err: err}
	}
	p.log = telemetry.NewLog(stderr, format, level, telemetry.QueueOptions{})
	if p.metrics, err = telemetry.NewMetrics(p.clock); err != nil {
		return fmt.Errorf("preparing metrics: %w", err)
	}
	if err := p.metrics.WatchQueue("log", p.log.Stats); err != nil {
		return fmt.Errorf("preparing metrics: %w", err)
	}
	if o.accessLog == "" {
		return nil
	}
	sink, err := telemetry.OpenSink(o.accessLog)
	if err != nil {
		return err
	}
	p.access = telemetry.NewAccessLog(sink, format, telemetry.QueueOptions{})
	return p.metrics.WatchQueue("access-log", p.access.Stats)
}
