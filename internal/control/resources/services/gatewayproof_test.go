package services

import (
	"strings"
	"testing"
	"time"
)

func TestGatewayTokens(t *testing.T) {
	signed := "edge\n202601011000"
	token, err := ParseGatewayToken("edge&202601011000&" + sign("primary", signed))
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC); token.Gateway != "edge" || !token.Expiry.Equal(want) {
		t.Errorf("%+v", token)
	}
	for _, tt := range []struct {
		name string
		keys []string
		want bool
	}{
		{"the primary", []string{"primary", "secondary"}, true},
		{"the secondary", []string{"secondary", "primary"}, true},
		{"another", []string{"another", "key"}, false},
		{"no keys", nil, false},
		{"empty keys", []string{"", ""}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := token.SignedBy(tt.keys); got != tt.want {
				t.Errorf("%v", got)
			}
		})
	}
	unsigned, err := ParseGatewayToken("edge&202601011000&" + sign("", signed))
	if err != nil || unsigned.SignedBy([]string{""}) {
		t.Errorf("an empty key signs tokens (%v)", err)
	}
}

// FuzzParseGatewayToken reads any text: what is read names a gateway, and is
// signed by nobody who has not signed it.
func FuzzParseGatewayToken(f *testing.F) {
	f.Add("edge&202601011000&c2lnbmF0dXJl")
	f.Add("&&")
	f.Fuzz(func(t *testing.T, text string) {
		token, err := ParseGatewayToken(text)
		if err != nil {
			if len(text) > 20 && strings.Contains(err.Error(), text) {
				t.Error("the error quotes the token")
			}
			return
		}
		if token.Gateway == "" || strings.ContainsAny(token.Gateway, "/\n") || token.SignedBy([]string{"key"}) {
			t.Errorf("%q was read as %+v", text, token)
		}
	})
}
