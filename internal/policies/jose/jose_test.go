package jose

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

// sign makes an HS256 token of a header and a payload as they stand.
func sign(header, payload string, secret []byte) string {
	enc := base64.RawURLEncoding
	text := enc.EncodeToString([]byte(header)) + "." + enc.EncodeToString([]byte(payload))
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(text))
	return text + "." + enc.EncodeToString(mac.Sum(nil))
}

func TestParseRefuses(t *testing.T) {
	secret := []byte("0123456789abcdef0123456789abcdef")
	good := sign(`{"alg":"HS256"}`, `{}`, secret)
	for _, tt := range []struct {
		name, token string
		want        Reason
	}{
		{"nothing", "", Malformed},
		{"two parts", "e30.e30", Malformed},
		{"four parts", good + ".e30", Malformed},
		{"too large", strings.Repeat("a", MaxTokenBytes+1), Malformed},
		{"header too large", sign(`{"alg":"HS256","x":"`+strings.Repeat("a", MaxHeaderBytes)+`"}`, `{}`, secret), Malformed},
		{"padding", good + "=", Malformed},
		{"line break", strings.Replace(good, ".", "\n.", 1), Malformed},
		{"header is no object", sign(`[]`, `{}`, secret), Malformed},
		{"header has text behind it", sign(`{"alg":"HS256"} x`, `{}`, secret), Malformed},
		{"member twice", sign(`{"alg":"none","alg":"HS256"}`, `{}`, secret), Malformed},
		{"name in other case", sign(`{"ALG":"HS256"}`, `{}`, secret), Refused},
		{"alg in other case", sign(`{"alg":"hs256"}`, `{}`, secret), Refused},
		{"alg is a number", sign(`{"alg":256}`, `{}`, secret), Malformed},
		{"too deep", sign(`{"alg":"HS256","x":`+strings.Repeat("[", 40)+strings.Repeat("]", 40)+`}`, `{}`, secret), Malformed},
		{"crit", sign(`{"alg":"HS256","crit":["exp"],"exp":1}`, `{}`, secret), Refused},
		{"b64", sign(`{"alg":"HS256","b64":false}`, `{}`, secret), Refused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.token)
			var e *Error
			if !errors.As(err, &e) || e.Reason != tt.want {
				t.Errorf("got %v, want reason %d", err, tt.want)
			}
		})
	}
}

func TestVerifyBindsKeysToAlgorithms(t *testing.T) {
	secret := []byte("0123456789abcdef0123456789abcdef")
	token, err := Parse(sign(`{"alg":"HS256","kid":"a"}`, `{}`, secret))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		key  Key
		ok   bool
	}{
		{"its key", Key{secret: secret}, true},
		{"named for it", Key{secret: secret, Algorithm: "HS256"}, true},
		{"named for another", Key{secret: secret, Algorithm: "HS512"}, false},
		{"for encryption", Key{secret: secret, use: "enc"}, false},
		{"may only sign", Key{secret: secret, ops: []string{"sign"}}, false},
		{"no operations", Key{secret: secret, ops: []string{}}, false},
		{"too short", Key{secret: secret[:31]}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := token.Verify([]Key{tt.key}); (err == nil) != tt.ok {
				t.Errorf("got %v, want ok %v", err, tt.ok)
			}
		})
	}
}

func BenchmarkVerifyHS256(b *testing.B) {
	secret := []byte("0123456789abcdef0123456789abcdef")
	text := sign(`{"alg":"HS256","kid":"a","typ":"JWT"}`, `{"iss":"https://issuer.example/","aud":"api","exp":1800000000,"sub":"someone"}`, secret)
	keys := []Key{{ID: "a", secret: secret}}
	b.ReportAllocs()
	for b.Loop() {
		token, err := Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := token.Verify(keys); err != nil {
			b.Fatal(err)
		}
	}
}
