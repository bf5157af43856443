package redisconn_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/redisconn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       redisconn.Settings
		shown      string
	}{
		{"Azure's connection string", "orders.redis.cache.windows.net:6380,password=a1b2c3=,ssl=True,abortConnect=False",
			redisconn.Settings{Addresses: []string{"orders.redis.cache.windows.net:6380"}, Password: "a1b2c3=", TLS: true},
			"rediss://:***@orders.redis.cache.windows.net:6380"},
		{"all options", "cache,ssl=true,User=app,password=p,defaultDatabase=3,sslHost=cache.example.com,syncTimeout=5000",
			redisconn.Settings{Addresses: []string{"cache:6380"}, User: "app", Password: "p", Database: 3, TLS: true, ServerName: "cache.example.com"},
			"rediss://app:***@cache:6380/3"},
		{"a cluster", "a:7000,b:7001", redisconn.Settings{Layout: redisconn.Cluster, Addresses: []string{"a:7000", "b:7001"}}, "redis+cluster://a:7000,b:7001"},
		{"sentinels", "a,b:7001,serviceName=main", redisconn.Settings{Layout: redisconn.Sentinel, Addresses: []string{"a:26379", "b:7001"}, Master: "main"},
			"redis+sentinel://a:26379,b:7001/main"},
		{"a URL", "redis://localhost", redisconn.Settings{Addresses: []string{"localhost:6379"}}, "redis://localhost:6379"},
		{"a URL with everything", "rediss://app:p%40ss@h:1/2?ca=/etc/ca.pem&server-name=redis.example",
			redisconn.Settings{Addresses: []string{"h:1"}, User: "app", Password: "p@ss", Database: 2, TLS: true, ServerName: "redis.example", AuthorityFile: "/etc/ca.pem"},
			"rediss://app:***@h:1/2"},
		{"IPv6", "redis://:p@[::1]:7/1", redisconn.Settings{Addresses: []string{"[::1]:7"}, Password: "p", Database: 1}, "redis://:***@[::1]:7/1"},
		{"IPv6 without a port", "redis://[::1]", redisconn.Settings{Addresses: []string{"[::1]:6379"}}, "redis://[::1]:6379"},
		{"a URL of sentinels", "redis+sentinel://u:p@a,b:2/main/4?sentinel-user=s&sentinel-password=q",
			redisconn.Settings{Layout: redisconn.Sentinel, Addresses: []string{"a:26379", "b:2"}, User: "u", Password: "p", Master: "main", Database: 4, SentinelUser: "s", SentinelPassword: "q"},
			"redis+sentinel://u:***@a:26379,b:2/main/4"},
		{"a URL of a cluster", "rediss+cluster://a,b", redisconn.Settings{Layout: redisconn.Cluster, Addresses: []string{"a:6379", "b:6379"}, TLS: true}, "rediss+cluster://a:6379,b:6379"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := redisconn.Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got, cmp.Comparer(func(a, b redisconn.Secret) bool { return a == b })); d != "" {
				t.Errorf("Parse (-want +got):\n%s", d)
			}
			if got.String() != tt.shown {
				t.Errorf("String = %s, want %s", got, tt.shown)
			}
		})
	}
}

// secret is in each text that is refused, and may be in no error.
const secret = "s3cr3t"

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", "no server"},
		{"a scheme of others", "http://:" + secret + "@h", "the scheme is none of"},
		{"no host", "redis://:" + secret + "@", "no host"},
		{"a port that is none", "redis://:" + secret + "@h:0", "port"},
		{"a database that is none", "redis://:" + secret + "@h/x", "number of a database"},
		{"an option that is none", "redis://:" + secret + "@h?tls=1", `"tls"`},
		{"a slash in the password", "redis://:" + secret + "/x@h", "escaped"},
		{"a question mark in the password", "redis://:x?" + secret + "@h", "escaped"},
		{"a question mark and more in the password", "redis://:x?" + secret + "&y@h", "escaped"},
		{"a comma and more in the password", "h,password=x," + secret + "+y", "escaped"},
		{"bad escapes", "redis://:" + secret + "%zz@h", "not escaped"},
		{"two servers", "redis://:" + secret + "@a,b", "redis+cluster://"},
		{"sentinels of nobody", "redis+sentinel://:" + secret + "@a", "the name of the primary"},
		{"a database of a cluster", "redis+cluster://:" + secret + "@a/1", "0"},
		{"a comma in the password", "h,password=x,y=" + secret, "comma in the password"},
		{"ssl that is neither", "h,ssl=perhaps,password=" + secret, "True nor False"},
		{"too long", "redis://" + strings.Repeat("h", redisconn.MaxText), "MaxText"},
		{"too many", "redis+cluster://" + strings.Repeat("h,", redisconn.MaxAddresses) + "h", "MaxAddresses"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := redisconn.Parse(tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("err = %v, want one with %q", err, tt.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	s, err := redisconn.Parse("redis+sentinel://:" + secret + "@a/main?sentinel-password=" + secret)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(s) //nolint:musttag // Whoever logs settings as JSON does just this.
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v %q", s, s, s.Password), string(encoded)} {
		if strings.Contains(shown, secret) {
			t.Errorf("the password is shown: %s", shown)
		}
	}
}

func TestOpenNamesTheAuthorities(t *testing.T) {
	for name, file := range map[string]string{"absent": "/does/not/exist.pem", "no certificate": "parse_test.go"} {
		t.Run(name, func(t *testing.T) {
			if _, err := redisconn.Open(redisconn.Settings{Addresses: []string{"h:1"}, TLS: true, AuthorityFile: file}, redisconn.Use{}); err == nil || !strings.Contains(err.Error(), file) {
				t.Errorf("err = %v, want one that names %s", err, file)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"h:1,password=p=,ssl=True", "a,b,serviceName=m", "redis://u:p@h:1/2?ca=x", "redis+sentinel://a/m/1", "rediss+cluster://a,[::1]:2",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := redisconn.Parse(text)
		if err != nil {
			return
		}
		if len(s.Addresses) == 0 || len(s.Addresses) > redisconn.MaxAddresses {
			t.Errorf("%d addresses", len(s.Addresses))
		}
		// What is shown, without its secrets, is the same servers.
		again, err := redisconn.Parse("redis" + strings.TrimPrefix((redisconn.Settings{Layout: s.Layout, Addresses: s.Addresses, Master: s.Master, Database: s.Database}).String(), "redis"))
		if err != nil {
			t.Fatalf("%v is not read again: %v", s, err)
		}
		if d := cmp.Diff(s.Addresses, again.Addresses); d != "" || again.Layout != s.Layout {
			t.Errorf("%v became %v: %s", s, again, d)
		}
	})
}
