package policies

import (
	"encoding/base64"
	"strings"

	"github.com/sallyport/sallyport/internal/policies/jose"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// tokenKeys is where the keys of a validate-jwt come from.
type tokenKeys struct {
	configurations []policy.String // URLs of OpenID configurations
	signing        []keySource
	decryption     []keySource
}

// keySource is one key of the document: ready, or given by an expression, or a
// certificate of the configuration.
type keySource struct {
	id          string
	ready       *jose.Key
	secret      policy.String // base64
	certificate string        // id
}

// compileKeys reads the key elements of a list.
func compileKeys(c *policy.Compiler, el *document.Element) []keySource {
	var list []keySource
	for _, child := range el.Children {
		attribute := func(name string) string { v, _ := child.Attr(name); return v.Value }
		k := keySource{id: attribute("id"), certificate: attribute("certificate-id")}
		n, e := attribute("n"), attribute("e")
		var key jose.Key
		var err error
		switch {
		case k.certificate != "":
			if !c.Exists("certificates/" + k.certificate) {
				c.Failf(child, "there is no certificate %s", k.certificate)
			}
			list = append(list, k)
			continue
		case n != "" || e != "":
			key, err = jose.Modulus(k.id, n, e)
		default:
			k.secret = c.Value(child, child.Text)
			text, known := k.secret.Constant()
			if !known {
				list = append(list, k)
				continue
			}
			key, err = secretKey(k.id, text)
		}
		if err != nil {
			c.Failf(child, "%v", err)
			continue
		}
		k.ready = &key
		list = append(list, k)
	}
	return list
}

// secretKey makes a key of a shared secret in base64, padded or not, of either
// alphabet.
func secretKey(id, text string) (jose.Key, error) {
	text = strings.TrimRight(strings.Join(strings.Fields(text), ""), "=")
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(text, "-_") {
		encoding = base64.RawURLEncoding
	}
	secret, err := encoding.DecodeString(text)
	if err != nil {
		return jose.Key{}, &jose.Error{Reason: jose.BadKey, Text: "the key is not base64"}
	}
	return jose.Symmetric(id, secret)
}

// eval returns the key for a request.
func (k *keySource) eval(c *policy.Call, decrypts bool) (jose.Key, error) {
	if k.ready != nil {
		return *k.ready, nil
	}
	if k.certificate == "" {
		text, err := k.secret.Eval(c)
		if err != nil {
			return jose.Key{}, err
		}
		return secretKey(k.id, text)
	}
	certificate := findCertificate(c, k.certificate)
	if certificate == nil || certificate.Leaf == nil {
		return jose.Key{}, &jose.Error{Reason: jose.BadKey, Text: "there is no certificate " + k.certificate}
	}
	if decrypts {
		return jose.Private(k.id, certificate.PrivateKey)
	}
	return jose.Public(k.id, certificate.Leaf.PublicKey)
}

// evalKeys returns the keys for a request. Where the token names one of them,
// it is the only one; otherwise all are.
func evalKeys(c *policy.Call, sources []keySource, keyID string, decrypts bool) ([]jose.Key, error) {
	named := false
	for i := range sources {
		named = named || (keyID != "" && sources[i].id == keyID)
	}
	keys := make([]jose.Key, 0, len(sources))
	for i := range sources {
		if named && sources[i].id != keyID {
			continue
		}
		key, err := sources[i].eval(c, decrypts)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// providerKeys returns the keys of an identity provider that a token can be
// signed with: the one that it names, or all where it names none.
func providerKeys(issuer *policy.Issuer, keyID string) []jose.Key {
	keys := make([]jose.Key, 0, len(issuer.Keys))
	for i := range issuer.Keys {
		k := &issuer.Keys[i]
		if keyID == "" || k.ID == keyID {
			keys = append(keys, jose.Key{ID: k.ID, Algorithm: k.Algorithm, Public: k.Key})
		}
	}
	return keys
}
