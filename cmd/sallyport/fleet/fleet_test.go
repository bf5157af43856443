package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/internal/gateway/follow/remote"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// flagsOf are the flags of serve that settings can set.
func flagsOf(t *testing.T, args ...string) (*Flags, *pflag.FlagSet) {
	t.Helper()
	f, flags := &Flags{}, pflag.NewFlagSet("serve", pflag.ContinueOnError)
	f.Bind(flags)
	flags.String("gateway-id", "managed", "")
	flags.String("listen-tls", ":8443", "")
	flags.String("log-format", "text", "")
	flags.String("log-level", "info", "")
	flags.Bool("forwarded-proto", false, "")
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return f, flags
}

// environment is one with these variables.
func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := values[name]; return v, ok }
}

const selfHosted = `# As the portal of Azure writes it.
config.service.endpoint=contoso.configuration.example
config.service.auth=GatewayKey edge&203001010000&abc==

config.service.integration.timeout=00:00:20
telemetry.logs.std=json
telemetry.logs.std.level=all
net.server.http.forwarded.proto.enabled=true
neighborhood.host=peers
telemetry.metrics.cloud=false
no.such.setting=1
`

func TestSettings(t *testing.T) {
	name := filepath.Join(t.TempDir(), "env.conf")
	if err := os.WriteFile(name, []byte(selfHosted), 0o600); err != nil {
		t.Fatal(err)
	}
	f, flags := flagsOf(t, "--settings", name, "--log-format", "text")
	warnings, err := f.Apply(flags, environment(map[string]string{
		"config.service.endpoint.disableCertificateValidation": "true",
		"telemetry.logs.std.level":                             "warn", "gateway.name": "edge-1",
		"certificates.local.ca.enabled": "false",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Check(); err != nil {
		t.Error(err)
	}
	var names []string
	for _, w := range warnings {
		names = append(names, w.Name)
	}
	if diff := cmp.Diff([]string{"no.such.setting", "certificates.local.ca.enabled", "neighborhood.host"}, names); diff != "" {
		t.Error(diff)
	}
	got := map[string]string{}
	flags.VisitAll(func(one *pflag.Flag) { got[one.Name] = one.Value.String() })
	for flag, want := range map[string]string{
		"role": RoleGateway, "control": "[contoso.configuration.example]", "token": "GatewayKey edge&203001010000&abc==", "control-timeout": "20s",
		"log-format": "text", "log-level": "warn", "forwarded-proto": "true", "gateway-id": "edge-1", "listen-tls": ":8081", "control-skip-verify": "true",
	} {
		if got[flag] != want {
			t.Errorf("--%s is %q, want %q", flag, got[flag], want)
		}
	}
	if name, err := f.Gateway(); err != nil || name != "edge" {
		t.Errorf("the gateway is %q, %v", name, err)
	}
}

func TestSettingsRefused(t *testing.T) {
	for _, tt := range []struct{ name, setting, value string }{
		{"Entra ID", "config.service.auth", "azureAdApp"},
		{"a boolean", "net.server.http.forwarded.proto.enabled", "perhaps"},
		{"a time", "config.service.integration.timeout", "soon"},
		{"a level", "telemetry.logs.std.level", "loud"},
		{"a format", "telemetry.logs.std", "xml"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, flags := flagsOf(t)
			_, err := f.Apply(flags, environment(map[string]string{tt.setting: tt.value}))
			var usage *commandline.UsageError
			if !errors.As(err, &usage) || !strings.Contains(err.Error(), tt.setting) {
				t.Errorf("the error is %v", err)
			}
		})
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"form": "no sign\n", "line": "a=" + strings.Repeat("x", maxSettingLine+1), "size": strings.Repeat("#\n", MaxSettings)} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, flags := flagsOf(t, "--settings", file)
		if _, err := f.Apply(flags, environment(nil)); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	f, flags := flagsOf(t, "--settings", filepath.Join(dir, "gone"))
	if _, err := f.Apply(flags, environment(nil)); err == nil {
		t.Error("a file that is gone was read")
	}
}

// FuzzSettings reads any file of settings.
func FuzzSettings(f *testing.F) {
	f.Add([]byte(selfHosted))
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "env.conf")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		one, flags := flagsOf(t, "--settings", name)
		if _, err := one.Apply(flags, environment(nil)); err == nil && one.Role != RoleAll && one.Role != RoleGateway {
			t.Errorf("the role is %q", one.Role)
		}
	})
}

// TestSettingsPage compares the table of the page with the settings.
func TestSettingsPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "tasks", "separate-gateways.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settings() {
		if !strings.Contains(string(page), "`"+s.name+"`") {
			t.Errorf("the page does not name the setting %s", s.name)
		}
	}
}

func TestCheck(t *testing.T) {
	good := []string{"--role", "gateway", "--control", "https://c", "--token", "a&b&c"}
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"everything", nil, ""},
		{"control", []string{"--role", "control"}, ""},
		{"gateway", good, ""},
		{"gateway with a file", []string{"--role", "gateway", "--control", "https://c,https://d", "--token-file", "x"}, ""},
		{"another role", []string{"--role", "proxy"}, "there is no role"},
		{"no control", []string{"--role", "gateway", "--token", "x"}, "--control"},
		{"no token", []string{"--role", "gateway", "--control", "https://c"}, "sallyport gateway token"},
		{"two tokens", append(good, "--token-file", "x"), "two tokens"},
		{"half a certificate", append(good, "--control-cert", "x"), "belong together"},
		{"control for all", []string{"--control", "https://c"}, "--role gateway"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, _ := flagsOf(t, tt.args...)
			err := f.Check()
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v, want %q", err, tt.want)
			}
		})
	}
}

// TestTokenVariable gives the token in the environment, which flags override.
func TestTokenVariable(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		args       []string
	}{
		{"alone", "a&b&c", nil},
		{"beside a flag", "d&e&f", []string{"--token", "d&e&f"}},
		{"beside a file", "", []string{"--token-file", "x"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, flags := flagsOf(t, tt.args...)
			if _, err := f.Apply(flags, environment(map[string]string{tokenVariable: "a&b&c"})); err != nil || f.Token != tt.want {
				t.Errorf("the token is %q, %v", f.Token, err)
			}
		})
	}
}

func TestInstance(t *testing.T) {
	dir := t.TempDir()
	first, err := InstanceOf(dir)
	if err != nil || feed.CheckInstance(first) != nil {
		t.Fatalf("%q, %v", first, err)
	}
	if again, err := InstanceOf(dir); err != nil || again != first {
		t.Errorf("another start has %q, %v", again, err)
	}
	if other, err := InstanceOf(""); err != nil || other == first {
		t.Errorf("without a folder it is %q, %v", other, err)
	}
	if _, err := InstanceOf(filepath.Join(dir, instanceFile)); err == nil {
		t.Error("a file was taken for a folder")
	}
}

func TestContact(t *testing.T) {
	name := filepath.Join(t.TempDir(), contactFile)
	if at := readContact(name); !at.IsZero() {
		t.Errorf("nothing gave %s", at)
	}
	want := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if err := writeContact(name, want); err != nil || !readContact(name).Equal(want) {
		t.Errorf("%s, %v", readContact(name), err)
	}
	for _, text := range []string{"", "yesterday", strings.Repeat("x", maxKept+1)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if at := readContact(name); !at.IsZero() {
			t.Errorf("%.10q gave %s", text, at)
		}
	}
}

func TestTLSFiles(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.pem")
	if err := os.WriteFile(broken, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, f := range []*Flags{{CA: broken}, {CA: filepath.Join(dir, "gone")}, {Cert: broken, Key: broken}} {
		if _, err := f.tls(); err == nil {
			t.Errorf("%+v was taken", f)
		}
	}
	if c, err := (&Flags{SkipVerify: true}).tls(); err != nil || !c.InsecureSkipVerify {
		t.Error("nothing is checked only where that is asked for")
	}
}

// TestStatus asks gateways in each state.
func TestStatus(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	following := remote.Status{State: remote.Following, Gateway: "edge", Instance: "i", Release: "1", Control: "https://c", Revision: 7,
		Applied: now, Contact: now, ContactAgeSeconds: 2, Health: feed.HealthOK}
	with := func(change func(*remote.Status)) remote.Status {
		s := following
		change(&s)
		return s
	}
	for _, tt := range []struct {
		name   string
		status remote.Status
		code   int
		says   string
	}{
		{"following", following, 0, "revision 7"},
		{"stale", with(func(s *remote.Status) { s.ContactAgeSeconds = 100 }), ExitDisconnected, "1m40s ago"},
		{"disconnected", with(func(s *remote.Status) {
			s.State, s.Control, s.Reason, s.Failures = remote.Disconnected, "", "answers 401", 3
		}), ExitDisconnected, "answers 401"},
		{"degraded", with(func(s *remote.Status) {
			s.Problems = []feed.Problem{{Resource: "apis/x", Element: "future", Message: "unknown"}}
		}), ExitDegraded, "apis/x: future unknown"},
		{"waiting", with(func(s *remote.Status) { s.State, s.Applied, s.Contact = remote.Waiting, time.Time{}, time.Time{} }), ExitWaiting, "503"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != StatusPath {
					t.Errorf("asked for %s", r.URL.Path)
				}
				_ = json.NewEncoder(w).Encode(tt.status)
			}))
			defer server.Close()
			for _, output := range []string{"text", "json"} {
				out, err := status(t, "--admin", strings.TrimPrefix(server.URL, "http://"), "-o", output)
				var code *commandline.ExitError
				if got := errors.As(err, &code); got != (tt.code != 0) || got && code.Code != tt.code {
					t.Errorf("it ends with %v, want %d", err, tt.code)
				}
				if output == "text" && !strings.Contains(out, tt.says) {
					t.Errorf("it prints\n%s", out)
				}
				var back remote.Status
				if output == "json" && (json.Unmarshal([]byte(out), &back) != nil || back.State != tt.status.State) {
					t.Errorf("it prints\n%s", out)
				}
			}
		})
	}
}

func TestStatusNotToBeHad(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	if _, err := status(t, "--admin", server.URL); err == nil || !strings.Contains(err.Error(), "--role gateway") {
		t.Errorf("of a gateway that follows nothing: %v", err)
	}
	server.Close()
	if _, err := status(t, "--admin", server.URL); err == nil || !strings.Contains(err.Error(), "--admin") {
		t.Errorf("of a gateway that is gone: %v", err)
	}
}

// status runs the command.
func status(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var c *cobra.Command
	for _, one := range Commands() {
		if one.Name() == "status" {
			c = one
		}
	}
	c.SilenceErrors, c.SilenceUsage = true, true
	var out bytes.Buffer
	c.SetOut(&out)
	c.SetArgs(args)
	err := c.ExecuteContext(context.Background())
	return out.String(), err
}
