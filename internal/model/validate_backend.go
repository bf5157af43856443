package model

import "fmt"

func (v *validation) backend(b *Backend) {
	v.text("title", b.Title, 0, 300)
	v.text("description", b.Description, 0, 2000)
	checkEnum(v, "type", b.Type, optional, backendTypes)
	if b.IsPool() {
		v.pool(b)
	} else {
		v.text("url", b.URL, 1, 2000)
		v.absoluteURL("url", b.URL, "http", "https", "ws", "wss", "grpc", "grpcs", "fabric")
		checkEnum(v, "protocol", b.Protocol, required, backendProtocols)
	}
	v.text("resourceId", b.AzureResourceID, 0, 2000)
	if b.Proxy != nil {
		v.text("proxy.url", b.Proxy.URL, 1, 2000)
		v.absoluteURL("proxy.url", b.Proxy.URL, "http", "https")
	}
	if c := b.Credentials; c != nil {
		v.credentials(c)
	}
	if b.CircuitBreaker != nil {
		v.breaker(b.CircuitBreaker)
	}
}

func (v *validation) credentials(c *BackendCredentials) {
	if a := c.Authorization; a != nil {
		v.text("credentials.authorization.scheme", a.Scheme, 1, 100)
		v.text("credentials.authorization.parameter", a.Parameter, 1, 300)
	}
	if len(c.CertificateIDs) > 32 {
		v.add("credentials.certificateIds", fmt.Sprintf("has %d elements", len(c.CertificateIDs)), "at most 32 are allowed")
	}
	for name := range c.Header {
		if name == "" || !isToken(name) {
			v.add("credentials.header", fmt.Sprintf("%q is not the name of a header", firstRunes(name, 60)), "")
		}
	}
}

func (v *validation) pool(b *Backend) {
	if b.Type == BackendSingle {
		v.add("type", "is Single, but there is a pool", "give the type Pool, or leave the pool out")
	}
	if b.Pool == nil || len(b.Pool.Services) == 0 {
		v.add("pool.services", "is missing or empty", "a pool needs at least one backend")
		return
	}
	if n := len(b.Pool.Services); n > MaxPoolMembers {
		v.add("pool.services", fmt.Sprintf("has %d elements", n), fmt.Sprintf("at most %d are allowed", MaxPoolMembers))
	}
	for i, s := range b.Pool.Services {
		at := fmt.Sprintf("pool.services[%d]", i)
		v.text(at+".id", s.ID, 1, 0)
		if s.Priority != nil {
			v.number(at+".priority", int64(*s.Priority), 0, MaxPoolPreference)
		}
		if s.Weight != nil {
			v.number(at+".weight", int64(*s.Weight), 0, MaxPoolPreference)
		}
	}
	if a := b.Pool.SessionAffinity; a != nil && a.SessionID != nil {
		checkEnum(v, "pool.sessionAffinity.sessionId.source", a.SessionID.Source, required, affinitySources)
		v.text("pool.sessionAffinity.sessionId.name", a.SessionID.Name, 1, 256)
		if !isToken(a.SessionID.Name) {
			v.add("pool.sessionAffinity.sessionId.name", "is not the name of a cookie", "")
		}
	}
}

func (v *validation) breaker(c *CircuitBreaker) {
	if n := len(c.Rules); n > MaxBreakerRules {
		v.add("circuitBreaker.rules", fmt.Sprintf("has %d elements", n), fmt.Sprintf("at most %d is allowed", MaxBreakerRules))
	}
	for i, r := range c.Rules {
		at := fmt.Sprintf("circuitBreaker.rules[%d]", i)
		v.duration(at+".tripDuration", r.TripDuration)
		if r.FailureCondition == nil {
			v.add(at+".failureCondition", "is missing", "say how many failures, in which interval, open the breaker")
			continue
		}
		v.failureCondition(at+".failureCondition", r.FailureCondition)
	}
}

func (v *validation) failureCondition(at string, f *FailureCondition) {
	v.duration(at+".interval", f.Interval)
	switch {
	case f.Count == nil && f.Percentage == nil:
		v.add(at, "has neither count nor percentage", "give one of them")
	case f.Count != nil && f.Percentage != nil:
		v.add(at, "has both count and percentage", "give one of them")
	case f.Count != nil && *f.Count < 1:
		v.add(at+".count", fmt.Sprintf("is %d", *f.Count), "it must be 1 or more")
	case f.Percentage != nil:
		v.number(at+".percentage", *f.Percentage, 1, 100)
	}
	if len(f.StatusCodeRanges) == 0 && len(f.ErrorReasons) == 0 {
		v.add(at, "has neither statusCodeRanges nor errorReasons", "say what counts as a failure")
	}
	for i, r := range f.StatusCodeRanges {
		v.number(fmt.Sprintf("%s.statusCodeRanges[%d].min", at, i), int64(r.Min), 200, 599)
		v.number(fmt.Sprintf("%s.statusCodeRanges[%d].max", at, i), int64(r.Max), 200, 599)
		if r.Min > r.Max {
			v.add(fmt.Sprintf("%s.statusCodeRanges[%d]", at, i), "has a min above its max", "")
		}
	}
	if len(f.ErrorReasons) > 10 {
		v.add(at+".errorReasons", fmt.Sprintf("has %d elements", len(f.ErrorReasons)), "at most 10 are allowed")
	}
}

func (v *validation) diagnostic(d *Diagnostic) {
	v.text("loggerId", d.LoggerID, 1, 0)
	checkEnum(v, "alwaysLog", d.AlwaysLog, optional, alwaysLogs)
	checkEnum(v, "httpCorrelationProtocol", d.HTTPCorrelationProtocol, optional, correlationProtocols)
	checkEnum(v, "verbosity", d.Verbosity, optional, verbosities)
	checkEnum(v, "operationNameFormat", d.OperationNameFormat, optional, operationNameFormats)
	if s := d.Sampling; s != nil {
		checkEnum(v, "sampling.samplingType", s.SamplingType, optional, samplingTypes)
		if s.Percentage != nil && (*s.Percentage < 0 || *s.Percentage > 100) {
			v.add("sampling.percentage", fmt.Sprintf("is %g", *s.Percentage), "it must be between 0 and 100")
		}
	}
	v.pipeline("frontend", d.Frontend)
	v.pipeline("backend", d.Backend)
}

func (v *validation) pipeline(at string, p *DiagnosticPipeline) {
	if p == nil {
		return
	}
	v.logged(at+".request", p.Request)
	v.logged(at+".response", p.Response)
}

func (v *validation) logged(at string, m *DiagnosticMessage) {
	if m == nil {
		return
	}
	if m.Body != nil && m.Body.Bytes != nil {
		v.number(at+".body.bytes", int64(*m.Body.Bytes), 0, MaxLoggedBody)
	}
	if m.DataMasking == nil {
		return
	}
	for i, e := range m.DataMasking.Headers {
		checkEnum(v, fmt.Sprintf("%s.dataMasking.headers[%d].mode", at, i), e.Mode, optional, maskingModes)
	}
	for i, e := range m.DataMasking.QueryParams {
		checkEnum(v, fmt.Sprintf("%s.dataMasking.queryParams[%d].mode", at, i), e.Mode, optional, maskingModes)
	}
}
