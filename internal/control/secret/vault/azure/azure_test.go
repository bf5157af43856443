package azure_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/sallyport/sallyport/internal/control/secret/vault"
	"github.com/sallyport/sallyport/internal/control/secret/vault/azure"
	"github.com/sallyport/sallyport/internal/control/secret/vault/vaulttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRead reads the newest version, one that is named, and the secret of a
// certificate, with the identity that the reference names.
func TestRead(t *testing.T) {
	server := vaulttest.New(t)
	source := server.Source(t)
	first := server.Set("key", "one", "text/plain")
	server.Set("key", "two", "")
	tests := []struct{ name, identifier, want string }{
		{"the newest", vaulttest.URL + "key", "two"},
		{"the newest, with a slash", vaulttest.URL + "key/", "two"},
		{"a version", vaulttest.URL + "key/" + first, "one"},
		{"by its certificate", "https://" + vaulttest.Host + "/certificates/key", "two"},
		{"in capitals", "https://CONTOSO.vault.azure.net/secrets/key", "two"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := source.Read(t.Context(), vault.Reference{Identifier: test.identifier, ClientID: "me"})
			if err != nil || got.Value != test.want {
				t.Errorf("got %q, %v", got.Value, err)
			}
		})
	}
	if diff := cmp.Diff([]string{"me for https://vault.azure.net/.default"}, server.Claimed()); diff != "" {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
}

// TestRefused says what becomes of vaults that do not give a secret.
func TestRefused(t *testing.T) {
	server := vaulttest.New(t)
	source := server.Source(t)
	server.Set("key", "canary", "")
	tests := []struct {
		name, secret  string
		status        int
		code, message string
	}{
		{"no such secret", "other", 0, "SecretNotFound", "status 404"},
		{"no such version", "key/ffffffffffffffffffffffffffffffff", 0, "SecretNotFound", "status 404"},
		{"not allowed", "key", http.StatusForbidden, "Forbidden", "Key Vault Secrets User"},
		{"throttled", "key", http.StatusTooManyRequests, "Throttled", "too many requests"},
		{"down", "key", http.StatusServiceUnavailable, "ServiceUnavailable", "asked again"},
		{"a redirect", "key", http.StatusFound, vault.CodeUnavailable, "status 302"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server.Refuse(test.status)
			_, err := source.Read(t.Context(), vault.Reference{Identifier: vaulttest.URL + test.secret})
			code, message := vault.StatusOf(err)
			if code != test.code || !strings.Contains(message, test.message) || strings.Contains(message, "own words") {
				t.Errorf("got %s: %s", code, message)
			}
		})
	}
}

// TestNotAllowed reads nothing from hosts that no rule allows.
func TestNotAllowed(t *testing.T) {
	server := vaulttest.New(t)
	source := server.Source(t)
	server.Set("key", "canary", "")
	for _, identifier := range []string{
		"http://contoso.vault.azure.net/secrets/key", "https://contoso.vault.azure.net:444/secrets/key", "https://u:p@contoso.vault.azure.net/secrets/key",
		"https://contoso.vault.azure.net.example/secrets/key", "https://a.b.vault.azure.net/secrets/key", "https://.vault.azure.net/secrets/key",
		"https://vault.azure.net/secrets/key", "https://169.254.169.254/secrets/key", "https://localhost/secrets/key", "https://2130706433/secrets/key",
		"https://contoso.vault.azure.net/keys/key", "https://contoso.vault.azure.net/secrets", "https://contoso.vault.azure.net/secrets/a/b/c",
		"https://contoso.vault.azure.net/secrets/..%2fkey", "https://contoso.vault.azure.net/secrets/key?x=1", "https://contoso.vault.azure.net/secrets/key#x",
		"file:///etc/passwd", "vault://x/y", "key", "", "https://contoso.vault.azure.net/secrets/" + strings.Repeat("a", vault.MaxIdentifier),
	} {
		_, err := source.Read(t.Context(), vault.Reference{Identifier: identifier})
		if code, message := vault.StatusOf(err); code != vault.CodeNotAllowed && code != vault.CodeNotSupported {
			t.Errorf("%.60s: %s: %s", identifier, code, message)
		}
	}
	if n := server.Asked() + len(server.Claimed()); n != 0 {
		t.Errorf("the vault was asked %d times", n)
	}
}

// TestS16_KeyVault dials no link-local address for a vault, whoever has allowed
// its host, and no host that nobody has.
func TestS16_KeyVault(t *testing.T) {
	server := vaulttest.New(t)
	server.Set("key", "canary", "")
	_, port, _ := strings.Cut(server.Address, ":")
	refused := 0
	places := []string{"169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "168.63.129.16", "100.100.100.200", "[::ffff:169.254.169.254]"}
	for _, host := range places {
		code, message := read(t, server, host+":"+port, host+":"+port)
		if code == vault.CodeNotAllowed && strings.Contains(message, "address") {
			refused++
		} else {
			t.Errorf("%s: %s: %s", host, code, message)
		}
	}
	if code, _ := read(t, server, "localhost:"+port, ""); code != vault.CodeNotAllowed {
		t.Errorf("a host that is not allowed: %s", code)
	}
	t.Logf("S16: %d of %d allowed names of metadata services not called (all)", refused, len(places))
}

// TestS16_KeyVault_NegativeControl reads from a host that the installation
// allows, whose address is not public.
func TestS16_KeyVault_NegativeControl(t *testing.T) {
	server := vaulttest.New(t)
	server.Set("key", "canary", "")
	_, port, _ := strings.Cut(server.Address, ":")
	if code, message := read(t, server, "localhost:"+port, "localhost:"+port); code != "" {
		t.Errorf("%s: %s", code, message)
	}
}

// read asks for a secret at a host with the reader's own dialling, and returns
// why it did not get it.
func read(t *testing.T, server *vaulttest.Server, host, allowed string) (code, message string) {
	t.Helper()
	o := server.Options()
	o.Dial = nil
	if allowed != "" {
		o.Hosts = []string{allowed}
	}
	reader := azure.New(o)
	t.Cleanup(reader.Close)
	_, err := vault.Sources{"https": reader}.Read(t.Context(), vault.Reference{Identifier: "https://" + host + "/secrets/key"})
	if err != nil {
		return vault.StatusOf(err)
	}
	return "", ""
}

func TestUnreachable(t *testing.T) {
	server := vaulttest.New(t)
	o := server.Options()
	o.Roots = nil // The vault's certificate is nobody's.
	reader := azure.New(o)
	t.Cleanup(reader.Close)
	begin := time.Now()
	_, err := reader.Read(t.Context(), vault.Reference{Identifier: vaulttest.URL + "key"})
	if code, _ := vault.StatusOf(err); code != vault.CodeUnavailable {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
	o.Credential = func(string) (azcore.TokenCredential, error) { return nil, http.ErrNoCookie }
	_, err = azure.New(o).Read(t.Context(), vault.Reference{Identifier: vaulttest.URL + "key"})
	if code, _ := vault.StatusOf(err); code != vault.CodeNoCredential {
		t.Errorf("without an identity: %v", err)
	}
}

func TestCredentials(t *testing.T) {
	for _, name := range []string{"AZURE_FEDERATED_TOKEN_FILE", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_TENANT_ID", "IDENTITY_ENDPOINT", "MSI_ENDPOINT"} {
		t.Setenv(name, "")
	}
	tests := []struct {
		name, identity string
		env            map[string]string
		want           string
	}{
		{"nothing", "", nil, "none"},
		{"a service principal", azure.IdentityAuto, map[string]string{"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s"}, "environment"},
		{"a workload", "", map[string]string{"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_FEDERATED_TOKEN_FILE": "/token"}, "workload"},
		{"a managed identity", azure.IdentityManaged, nil, "managed"},
		{"an unknown way", "magic", nil, "error"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			make, err := azure.Credentials(test.identity)
			if err != nil {
				if test.want != "error" {
					t.Error(err)
				}
				return
			}
			if made, err := make("c"); (err != nil) != (test.want == "none") || (made == nil) != (test.want == "none") {
				t.Errorf("made %T, %v", made, err)
			}
		})
	}
}
