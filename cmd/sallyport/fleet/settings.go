package fleet

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
)

// The limits of a file of settings.
const (
	// MaxSettings bounds its size, in bytes.
	MaxSettings = 1 << 20
	// maxSettingLine bounds a line of it, in bytes.
	maxSettingLine = 64 << 10
)

// tokenVariable is the environment variable of ours for a gateway's token.
const tokenVariable = "SALLYPORT_GATEWAY_TOKEN"

// backendProtocols begins the names of the settings for the versions of TLS that
// backends are called with.
const backendProtocols = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Backend.Protocols."

// setting is one of the settings of Azure API Management's self-hosted gateway.
type setting struct {
	name string
	// flag takes the value, translated by value where that is not nil.
	flag  string
	value func(string) (string, error)
	// ignored says why the setting means nothing here.
	ignored string
	// fits reports whether an ignored setting asks for nothing beyond what is done
	// anyway; nil is never.
	fits func(string) bool
}

// settings are all that are known, by their names. The page docs/tasks/separate-gateways.md
// has the same table; a test compares them.
func settings() []setting {
	return slices.Concat([]setting{
		{name: "config.service.endpoint", flag: "control"},
		{name: "config.service.auth", flag: "token", value: gatewayKey},
		{name: "gateway.name", flag: "gateway-id"},
		{name: "config.service.endpoint.disableCertificateValidation", flag: "control-skip-verify", value: boolean},
		{name: "config.service.integration.timeout", flag: "control-timeout", value: timeSpan},
		{name: "net.server.http.forwarded.proto.enabled", flag: "forwarded-proto", value: boolean},
		{name: "telemetry.logs.std", flag: "log-format", value: logFormat},
		{name: "telemetry.logs.std.level", flag: "log-level", value: logLevel},
	}, ignoredSignals(), ignoredOthers())
}

// ignoredSignals are the settings for logs, metrics and traces that mean nothing
// here.
func ignoredSignals() []setting {
	return []setting{
		{name: "telemetry.logs.std.color", ignored: "the log has no colours", fits: is("false")},
		{
			name: "telemetry.logs.local", ignored: "the log goes to standard error; what runs the gateway collects it", fits: is("none", "auto"),
		},
		{name: "telemetry.logs.local.localsyslog.endpoint", ignored: "the log goes to standard error"},
		{name: "telemetry.logs.local.localsyslog.facility", ignored: "the log goes to standard error"},
		{name: "telemetry.logs.local.rfc5424.endpoint", ignored: "the log goes to standard error"},
		{name: "telemetry.logs.local.rfc5424.facility", ignored: "the log goes to standard error"},
		{name: "telemetry.logs.local.journal.endpoint", ignored: "the log goes to standard error"},
		{name: "telemetry.logs.local.json.endpoint", ignored: "the log goes to standard error; telemetry.logs.std=json gives it the form"},
		{name: "telemetry.metrics.local", ignored: "metrics are read at /metrics of the admin address", fits: is("none")},
		{name: "telemetry.metrics.local.statsd.endpoint", ignored: "metrics are read at /metrics of the admin address"},
		{name: "telemetry.metrics.local.statsd.sampling", ignored: "metrics are read at /metrics of the admin address"},
		{name: "telemetry.metrics.local.statsd.tag-format", ignored: "metrics are read at /metrics of the admin address"},
		{name: "telemetry.metrics.cloud", ignored: "nothing is sent to Azure Monitor", fits: is("false")},
		{name: "observability.opentelemetry.enabled", ignored: "metrics are read at /metrics of the admin address", fits: is("false")},
		{name: "observability.opentelemetry.collector.uri", ignored: "metrics are read at /metrics of the admin address"},
		{name: "observability.opentelemetry.system-metrics.enabled", ignored: "metrics of the process are always there", fits: is("true")},
		{name: "observability.opentelemetry.histogram.buckets", ignored: "histograms have buckets of their own"},
		{name: "logs.applicationinsights.endpoint", ignored: "nothing is sent to Application Insights"},
	}
}

// ignoredOthers are all other settings that mean nothing here.
func ignoredOthers() []setting {
	return []setting{
		{
			name: "certificates.local.ca.enabled", fits: is("true"),
			ignored: "the system's authorities are always trusted; --backend-ca adds a file",
		},
		{
			name: "security.certificate-revocation.validation.enabled", ignored: "validate-client-certificate asks for it", fits: is("false"),
		},
		{name: "net.server.tls.ciphers.allowed-suites", ignored: "TLS has no weak suites to be taken away"},
		{name: "net.client.tls.ciphers.allowed-suites", ignored: "TLS has no weak suites to be taken away"},
		{
			name: backendProtocols + "Tls13", ignored: "backends are called with TLS 1.2 and 1.3", fits: is("true"),
		},
		{
			name: backendProtocols + "Tls12", ignored: "backends are called with TLS 1.2 and 1.3", fits: is("true"),
		},
		{
			name: backendProtocols + "Tls11", ignored: "TLS 1.1 is not spoken", fits: is("false"),
		},
		{
			name: backendProtocols + "Tls10", ignored: "TLS 1.0 is not spoken", fits: is("false"),
		},
		{
			name: backendProtocols + "Ssl30", ignored: "SSL 3.0 is not spoken", fits: is("false"),
		},
		{name: "neighborhood.host", ignored: "gateways share counters through Redis, and do not look for each other"},
		{name: "neighborhood.heartbeat.port", ignored: "gateways share counters through Redis, and do not look for each other"},
		{name: "policy.rate-limit.sync.port", ignored: "gateways share counters through Redis, and do not look for each other"},
		{name: "k8s.ingress.enabled", ignored: "Ingress resources are not read", fits: is("false")},
		{name: "k8s.ingress.namespace", ignored: "Ingress resources are not read"},
		{name: "k8s.ingress.dns.suffix", ignored: "Ingress resources are not read"},
		{name: "k8s.ingress.config.path", ignored: "Ingress resources are not read"},
		{name: "config.service.auth.azureAd.tenantId", ignored: "gateways are known by their tokens, not by Microsoft Entra ID"},
		{name: "config.service.auth.azureAd.clientId", ignored: "gateways are known by their tokens, not by Microsoft Entra ID"},
		{name: "config.service.auth.azureAd.clientSecret", ignored: "gateways are known by their tokens, not by Microsoft Entra ID"},
		{name: "config.service.auth.azureAd.certificatePath", ignored: "gateways are known by their tokens, not by Microsoft Entra ID"},
		{name: "config.service.auth.azureAd.authority", ignored: "gateways are known by their tokens, not by Microsoft Entra ID"},
		{name: "config.service.auth.tokenAudience", ignored: "gateways are known by their tokens, not by Microsoft Entra ID"},
	}
}

func is(values ...string) func(string) bool {
	return func(v string) bool { return slices.Contains(values, strings.ToLower(v)) }
}

// Warning is a setting that has no effect.
type Warning struct{ Name, Reason string }

// Apply sets, from the environment and the file of settings, the flags that the
// command line does not, and returns the settings that have no effect. It gives
// the ports of the self-hosted gateway where one of its settings says whom to
// follow.
func (f *Flags) Apply(flags *pflag.FlagSet, environment func(string) (string, bool)) ([]Warning, error) {
	values, unknown, err := f.read(environment)
	if err != nil {
		return nil, err
	}
	warnings := unknown
	for _, s := range settings() {
		value, ok := values[s.name]
		if !ok {
			continue
		}
		if s.ignored != "" {
			if s.fits == nil || !s.fits(value) {
				warnings = append(warnings, Warning{s.name, s.ignored})
			}
			continue
		}
		if err := f.set(flags, &s, value); err != nil {
			return nil, err
		}
	}
	if token, ok := environment(tokenVariable); ok && f.Token == "" && f.TokenFile == "" {
		f.Token = token
	}
	if _, ok := values["config.service.endpoint"]; ok {
		for flag, value := range map[string]string{"listen-tls": ":8081", "role": RoleGateway} {
			if one := flags.Lookup(flag); one != nil && !one.Changed {
				if err := one.Value.Set(value); err != nil {
					return nil, fmt.Errorf("setting --%s: %w", flag, err)
				}
			}
		}
	}
	return warnings, nil
}

// set gives a setting's value to its flag, unless the command line has.
func (f *Flags) set(flags *pflag.FlagSet, s *setting, value string) error {
	one := flags.Lookup(s.flag)
	if one == nil || one.Changed || s.flag == "token" && f.TokenFile != "" {
		return nil
	}
	if s.value != nil {
		var err error
		if value, err = s.value(value); err != nil {
			return &commandline.UsageError{Err: fmt.Errorf("the setting %s: %w", s.name, err)}
		}
	}
	if err := one.Value.Set(value); err != nil {
		return &commandline.UsageError{Err: fmt.Errorf("the setting %s: %w", s.name, err)}
	}
	return nil
}

// read returns the settings that are given, by their names.
func (f *Flags) read(environment func(string) (string, bool)) (values map[string]string, unknown []Warning, err error) {
	values = map[string]string{}
	if f.Settings != "" {
		if unknown, err = f.readFile(values); err != nil {
			return nil, nil, err
		}
	}
	for _, s := range settings() {
		if value, ok := environment(s.name); ok && value != "" {
			values[s.name] = value
		}
	}
	return values, unknown, nil
}

// readFile reads a file of settings in the form of docker's --env-file.
func (f *Flags) readFile(values map[string]string) (unknown []Warning, err error) {
	file, err := os.Open(filepath.Clean(f.Settings))
	if err != nil {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	defer file.Close() //nolint:errcheck // Nothing was written.
	if info, err := file.Stat(); err != nil || info.Size() > MaxSettings {
		return nil, fmt.Errorf("reading the settings: %s has more than MaxSettings (%d bytes), or cannot be looked at (%w)",
			f.Settings, MaxSettings, err)
	}
	known := map[string]string{}
	for _, s := range settings() {
		known[strings.ToLower(s.name)] = s.name
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxSettingLine)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, &commandline.UsageError{Err: fmt.Errorf("%s:%d: a setting is NAME=VALUE", f.Settings, n)}
		}
		name = strings.TrimSpace(name)
		if as, is := known[strings.ToLower(name)]; is {
			values[as] = strings.TrimSpace(value)
		} else {
			unknown = append(unknown, Warning{name, "it is no setting of the self-hosted gateway"})
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading the settings: %s: %w", f.Settings, err)
	}
	return unknown, nil
}

// gatewayKey takes a token, and refuses the ways to sign in that there are not.
func gatewayKey(value string) (string, error) {
	if !strings.Contains(value, "&") {
		return "", fmt.Errorf("%.20q is not a token: gateways are known by their tokens (GatewayKey …), not by Microsoft Entra ID", value)
	}
	return value, nil
}

func boolean(value string) (string, error) {
	switch strings.ToLower(value) {
	case "true", "1":
		return "true", nil
	case "false", "0", "":
		return "false", nil
	}
	return "", fmt.Errorf("%.20q is neither true nor false", value)
}

// timeSpan reads .NET's hh:mm:ss, or a number of seconds with its unit.
func timeSpan(value string) (string, error) {
	var h, m, s int
	if n, err := fmt.Sscanf(value, "%d:%d:%d", &h, &m, &s); err == nil && n == 3 && min(h, m, s) >= 0 {
		return (time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second).String(), nil
	}
	if _, err := time.ParseDuration(value); err == nil {
		return value, nil
	}
	return "", fmt.Errorf("%.20q is no time such as 00:01:40", value)
}

func logFormat(value string) (string, error) {
	switch strings.ToLower(value) {
	case "json":
		return "json", nil
	case "text", "none": // Without a log nobody could say what is wrong.
		return "text", nil
	}
	return "", fmt.Errorf("%.20q is none of text, json and none", value)
}

func logLevel(value string) (string, error) {
	switch v := strings.ToLower(value); v {
	case "all", "trace":
		return "debug", nil
	case "debug", "info", "warn", "error":
		return v, nil
	case "fatal":
		return "error", nil
	}
	return "", fmt.Errorf("%.20q is none of all, debug, info, warn, error and fatal", value)
}
