package jose

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/c2sp/wycheproof"
)

// vectorFile is a file of Project Wycheproof's vectors.
type vectorFile struct {
	NumberOfTests int `json:"numberOfTests"`
	TestGroups    []struct {
		Comment string          `json:"comment"`
		Public  json.RawMessage `json:"public"`
		Private json.RawMessage `json:"private"`
		Tests   []struct {
			TcID    int    `json:"tcId"`
			Comment string `json:"comment"`
			JWS     text   `json:"jws"`
			JWE     text   `json:"jwe"`
			PT      string `json:"pt"`
			Result  string `json:"result"`
		} `json:"tests"`
	} `json:"testGroups"`
}

// refusedOnPurpose are valid vectors that are refused, by file and number.
var refusedOnPurpose = map[string]map[int]string{
	"json_web_signature_test.json": {
		346: "the token has PS384, the key says PS256",
		347: "the key names the algorithm ES521, which does not exist",
		349: "the key's operations are one text, \"sign, verify\"",
		350: "the token has PS384, the key says PS256",
		351: "the key names the algorithm ES521, which does not exist",
		372: "there is a character outside base64url in the header",
		373: "there is a character outside base64url in the payload",
	},
}

// sameAsValid are vectors that are called invalid and have, character by
// character, the text of a valid one of the same key (357).
var sameAsValid = map[string]map[int]bool{"json_web_signature_test.json": {367: true, 370: true}}

// refusedAlgorithms are ways to encrypt that are not supported: no decryption
// key of the policy can have them, or they are unsafe (RSA1_5).
var refusedAlgorithms = map[string]bool{
	"ECDH-ES": true, "ECDH-ES+A128KW": true, "ECDH-ES+A192KW": true, "ECDH-ES+A256KW": true,
	"A128GCMKW": true, "A192GCMKW": true, "A256GCMKW": true, "RSA1_5": true, "PBES2-HS512+A256KW": true,
}

// text is a compact token; a vector in the JSON form, which nothing here reads,
// is its text.
type text string

// UnmarshalJSON reads either form.
func (x *text) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) != nil {
		s = string(data)
	}
	*x = text(s)
	return nil
}

// tally counts what became of the vectors; wrong describes each that was
// accepted or refused against its verdict.
type tally struct {
	total, invalid, invalidAccepted, valid, validAccepted, setAside int
	wrong                                                           []string
}

// vectorFiles are the files with tokens.
var vectorFiles = []string{"json_web_signature_test.json", "json_web_encryption_test.json", "json_web_crypto_test.json", "json_web_key_test.json"}

func TestS11_WycheproofVectors(t *testing.T) {
	n := runVectors(t, accepts)
	for _, w := range n.wrong {
		t.Error(w)
	}
	if n.total != 401+139+83+26 {
		t.Errorf("%d vectors ran, want 649", n.total)
	}
	t.Logf("S11: %d of %d invalid tokens accepted (0); %d of %d valid ones accepted; %d set aside, each with its reason",
		n.invalidAccepted, n.invalid, n.validAccepted, n.valid, n.setAside)
}

// TestS11_WycheproofVectors_NegativeControl shows that the vectors find a
// verifier that decodes generously and does not ask what a key is for.
func TestS11_WycheproofVectors_NegativeControl(t *testing.T) {
	n := runVectors(t, func(key json.RawMessage, jws, jwe, pt string) bool {
		if jwe != "" {
			return opens(key, jwe, pt)
		}
		token, err := Parse(strings.NewReplacer("=", "", "?", "").Replace(jws))
		if err != nil {
			return false
		}
		v, err := ParseObject(key)
		if err != nil {
			return false
		}
		k, err := parseMaterial(&v)
		if err != nil {
			return false
		}
		_, err = token.Verify([]Key{k})
		return err == nil
	})
	if n.invalidAccepted == 0 {
		t.Error("the vectors find nothing wrong with a generous verifier")
	}
}

// runVectors runs all files.
func runVectors(t *testing.T, accept func(key json.RawMessage, jws, jwe, pt string) bool) tally {
	t.Helper()
	var n tally
	for _, name := range vectorFiles {
		data, err := fs.ReadFile(wycheproof.TestVectors, name)
		if err != nil {
			t.Fatal(err)
		}
		var file vectorFile
		if err := json.Unmarshal(data, &file); err != nil {
			t.Fatal(err)
		}
		for _, group := range file.TestGroups {
			for _, v := range group.Tests {
				key := group.Private
				if v.JWS != "" && group.Public != nil {
					key = group.Public
				}
				accepted := accept(key, string(v.JWS), string(v.JWE), v.PT)
				where := fmt.Sprintf("%s %d (%s, %s)", name, v.TcID, group.Comment, v.Comment)
				_, known := refusedOnPurpose[name][v.TcID]
				n.count(where, v.Result == "invalid", accepted, sameAsValid[name][v.TcID] || (v.Result == "valid" && (known || unsupported(string(v.JWE)))))
			}
		}
	}
	return n
}

// count judges one vector.
func (n *tally) count(where string, invalid, accepted, aside bool) {
	n.total++
	switch {
	case aside:
		n.setAside++
	case invalid:
		n.invalid++
		if accepted {
			n.invalidAccepted++
			n.wrong = append(n.wrong, where+": an invalid token is accepted")
		}
	default:
		n.valid++
		if accepted {
			n.validAccepted++
		} else {
			n.wrong = append(n.wrong, where+": a valid token is refused")
		}
	}
}

// accepts reports whether a token is accepted with a key or key set.
func accepts(key json.RawMessage, jws, jwe, pt string) bool {
	if jwe != "" {
		return opens(key, jwe, pt)
	}
	token, err := Parse(jws)
	if err != nil {
		return false
	}
	_, err = token.Verify(verificationKeys(key))
	return err == nil
}

// verificationKeys reads a key or a set of keys.
func verificationKeys(data json.RawMessage) []Key {
	v, err := ParseObject(data)
	if err != nil {
		return nil
	}
	if _, ok := v.Get("keys"); ok {
		keys, err := ParseKeySet(data)
		if err != nil {
			return nil
		}
		return keys
	}
	key, err := ParseKey(&v)
	if err != nil {
		return nil
	}
	return []Key{key}
}

// opens reports whether an encrypted token is opened and has the content that
// it should.
func opens(data json.RawMessage, jwe, pt string) bool {
	key, err := decryptionKey(data)
	if err != nil {
		return false
	}
	content, err := Decrypt(jwe, []Key{key})
	return err == nil && (pt == "" || hex.EncodeToString(content) == pt)
}

func unsupported(jwe string) bool {
	if jwe == "" {
		return false
	}
	for i := range jwe {
		if jwe[i] == '.' {
			data, err := decodeBase64(jwe[:i])
			if err != nil {
				return false
			}
			header, err := ParseObject(data)
			if err != nil {
				return false
			}
			_, zip := header.Get("zip")
			return zip || refusedAlgorithms[header.text("alg")]
		}
	}
	return false
}
