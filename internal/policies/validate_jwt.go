package policies

import (
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// validateJWT describes validate-jwt: a token that the request must have.
func validateJWT() *policy.Spec {
	return &policy.Spec{
		Name:    "validate-jwt",
		Summary: "Requires a JSON Web Token and checks its signature, times, issuer, audience and claims.",
		Details: validateJWTDetails,
		Example: `<validate-jwt header-name="Authorization" require-scheme="Bearer" output-token-variable-name="jwt">
    <openid-config url="https://login.example.com/.well-known/openid-configuration" />
    <audiences>
        <audience>orders-api</audience>
    </audiences>
    <required-claims>
        <claim name="group" match="any">
            <value>finance</value>
            <value>logistics</value>
        </claim>
    </required-claims>
</validate-jwt>`,
		Sections: policy.Inbound,
		Scopes:   everyScope,
		Shape: policy.Shape{
			Attributes: validateJWTAttributes(),
			Children:   validateJWTChildren(),
			OneOf:      [][]string{{"header-name", "query-parameter-name", "token-value"}},
		},
		Compile: compileValidateJWT,
	}
}

const validateJWTDetails = "A token that is missing or not valid is answered with `failed-validation-httpcode`.\n\n" +
	"Signatures: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 and HS256, HS384, HS512. A key confirms " +
	"only what suits its kind: a public key is never taken for a shared secret. RSA keys have 2048 bits or more, shared " +
	"secrets the length of the hash or more. What the token's header says about keys (`jku`, `jwk`, `x5u`, `x5c`) is " +
	"never used; `crit` and `b64` are refused. Tokens have 64 KiB at most.\n\n" +
	"Encrypted tokens (A128CBC-HS256, A192CBC-HS384, A256CBC-HS512 and AES-GCM; with the key itself, AES key wrap or " +
	"RSA-OAEP) are opened with `decryption-keys`; compressed ones are refused.\n\n" +
	"The keys of an `openid-config` are fetched when they are first needed and then every hour, at most once in five " +
	"minutes because of an unknown `kid`, and are used for a day where the provider cannot be reached. They confirm only " +
	"tokens of that provider's issuer, or of one that `issuers` names. Where there are no keys at all, the answer is " +
	"`503 Service Unavailable`: that is not the caller's fault."

func validateJWTAttributes() []policy.Attribute {
	text := func(name, doc string) policy.Attribute {
		return policy.Attribute{Name: name, Value: policy.Value{Expression: true, Doc: doc}}
	}
	boolean := func(name, doc string) policy.Attribute {
		return policy.Attribute{Name: name, Value: policy.Value{Type: policy.TypeBoolean, Expression: true, Default: "true", Doc: doc}}
	}
	return []policy.Attribute{
		text("header-name", "header that holds the token"),
		text("query-parameter-name", "query parameter that holds the token"),
		text("token-value", "the token itself, without a scheme"),
		{Name: "failed-validation-httpcode", Value: policy.Value{Type: policy.TypeInteger, Expression: true, Default: "401", Min: 100, Max: 999, Doc: "status of the answer where the token is not valid"}},
		text("failed-validation-error-message", "message of that answer"),
		boolean("require-expiration-time", "whether the token must have exp"),
		text("require-scheme", "scheme that the Authorization header must have, such as Bearer"),
		boolean("require-signed-tokens", "whether the token must be signed"),
		{Name: "clock-skew", Value: policy.Value{Type: policy.TypeDuration, Expression: true, Default: "0", Doc: "by how much the clocks may differ"}},
		{Name: "output-token-variable-name", Value: policy.Value{Doc: "variable that is set to the token, as a Jwt"}},
	}
}

func validateJWTChildren() []policy.Child {
	text := &policy.Value{Expression: true}
	key := func(attributes ...string) []policy.Child {
		shape := policy.Shape{Text: &policy.Value{Expression: true, Doc: "key in base64"}}
		for _, name := range attributes {
			shape.Attributes = append(shape.Attributes, policy.Attribute{Name: name, Value: policy.Value{Doc: keyAttributeDocs[name]}})
		}
		return []policy.Child{{Name: "key", Min: 1, Doc: "a key", Shape: shape}}
	}
	one := func(name, doc string, shape policy.Shape) policy.Child {
		return policy.Child{Name: name, Max: 1, Doc: doc, Shape: shape}
	}
	claim := policy.Shape{
		Attributes: []policy.Attribute{
			{Name: "name", Required: true, Value: policy.Value{Expression: true, Doc: "name of the claim"}},
			{Name: "match", Value: policy.Value{Type: policy.TypeEnum, Default: "all", Enum: []string{"all", "any"}, Doc: "whether the claim must have all of the values or one of them"}},
			{Name: "separator", Value: policy.Value{Doc: "divides a claim that is one text into values"}},
		},
		Children: []policy.Child{{Name: "value", Doc: "a value", Shape: policy.Shape{Text: text}}},
	}
	return []policy.Child{
		{Name: "openid-config", Doc: "an identity provider", Shape: policy.Shape{Attributes: []policy.Attribute{
			{Name: "url", Required: true, Value: policy.Value{Type: policy.TypeURL, Expression: true, Doc: "its OpenID configuration"}},
			{Name: "validate-connectivity", Value: policy.Value{Type: policy.TypeBoolean, Default: "true", Doc: "accepted for compatibility; a document is saved without fetching anything"}},
		}}},
		one("issuer-signing-keys", "keys that confirm tokens", policy.Shape{Children: key("id", "certificate-id", "n", "e")}),
		one("decryption-keys", "keys that open encrypted tokens", policy.Shape{Children: key("id", "certificate-id")}),
		one("audiences", "whom tokens are for", listOf("audience", "an audience", policy.Shape{Text: text})),
		one("issuers", "who issues tokens", listOf("issuer", "an issuer", policy.Shape{Text: text})),
		one("required-claims", "claims that tokens must have", listOf("claim", "a claim", claim)),
	}
}

// listOf is the shape of an element that only holds elements of one name.
func listOf(name, doc string, shape policy.Shape) policy.Shape {
	return policy.Shape{Children: []policy.Child{{Name: name, Doc: doc, Shape: shape}}}
}

var keyAttributeDocs = map[string]string{
	"id":             "kid of the tokens that the key is for",
	"certificate-id": "id of a certificate of the configuration",
	"n":              "modulus of an RSA key, in base64url",
	"e":              "exponent of an RSA key, in base64url",
}

// validateJWTStep checks tokens.
type validateJWTStep struct {
	header, query, value policy.String // where the token is; one of them is set
	scheme               policy.String
	status               policy.Int
	message              policy.String
	requireExpiry        policy.Bool
	requireSigned        policy.Bool
	skew                 policy.String
	variable             string
	tokens               *expr.Tokens // makes the variable's value

	keys      tokenKeys
	audiences []policy.String
	issuers   []policy.String
	claims    []requiredClaim
}

func compileValidateJWT(c *policy.Compiler, el *document.Element) policy.Step {
	s := &validateJWTStep{
		header: c.String(el, "header-name"), query: c.String(el, "query-parameter-name"), value: c.String(el, "token-value"),
		scheme: c.String(el, "require-scheme"), status: c.Int(el, "failed-validation-httpcode"),
		message: c.String(el, "failed-validation-error-message"), requireExpiry: c.Bool(el, "require-expiration-time"),
		requireSigned: c.Bool(el, "require-signed-tokens"), skew: c.String(el, "clock-skew"),
	}
	if v, ok := el.Attr("output-token-variable-name"); ok {
		s.variable, s.tokens = v.Value, c.Expressions().Tokens()
	}
	if name, known := s.header.Constant(); known && !message.ValidFieldName(name) {
		c.Failf(el, "%q cannot be the name of a header", name)
	}
	for _, child := range el.Children {
		switch child.Name {
		case "openid-config":
			s.keys.configurations = append(s.keys.configurations, c.String(child, "url"))
		case "issuer-signing-keys":
			s.keys.signing = compileKeys(c, child)
		case "decryption-keys":
			s.keys.decryption = compileKeys(c, child)
		case "audiences":
			s.audiences = compileTexts(c, child)
		case "issuers":
			s.issuers = compileTexts(c, child)
		case "required-claims":
			s.claims = compileClaims(c, child)
		}
	}
	return s
}

// compileTexts reads the texts of child elements.
func compileTexts(c *policy.Compiler, el *document.Element) []policy.String {
	var list []policy.String
	for _, child := range el.Children {
		list = append(list, c.Value(child, child.Text))
	}
	return list
}

// Run checks the token of the request.
func (s *validateJWTStep) Run(c *policy.Call) error {
	text, err := s.find(c)
	if err != nil {
		return s.refuse(c, err)
	}
	token, err := s.read(c, text)
	if err != nil {
		return s.refuse(c, err)
	}
	if err := s.check(c, token); err != nil {
		return s.refuse(c, err)
	}
	s.output(c, token)
	return nil
}

// find gets the token out of the request.
func (s *validateJWTStep) find(c *policy.Call) (string, error) {
	switch {
	case s.header.IsSet():
		name, err := s.header.Eval(c)
		if err != nil {
			return "", err
		}
		return s.fromHeader(c, message.NameOf(name))
	case s.query.IsSet():
		name, err := s.query.Eval(c)
		if err != nil {
			return "", err
		}
		text, _ := c.Request.URL.QueryParameter(name)
		return present(text)
	}
	text, err := s.value.Eval(c)
	if err != nil {
		return "", err
	}
	return present(text)
}

// fromHeader gets the token out of a header. A scheme in front of it is asked
// for in Authorization only.
func (s *validateJWTStep) fromHeader(c *policy.Call, name message.Name) (string, error) {
	value, _ := c.Request.Header.Joined(name, ",")
	scheme, text, divided := strings.Cut(strings.TrimSpace(value), " ")
	if !divided {
		scheme, text = "", strings.TrimSpace(value)
	}
	if s.scheme.IsSet() && name.Is(message.Authorization) {
		want, err := s.scheme.Eval(c)
		if err != nil {
			return "", err
		}
		if want != "" && !message.EqualFold(scheme, want) {
			return "", errTokenNotPresent
		}
	}
	return present(text)
}

func present(text string) (string, error) {
	if text = strings.TrimSpace(text); text != "" {
		return text, nil
	}
	return "", errTokenNotPresent
}

// skewOf returns by how much clocks may differ.
func (s *validateJWTStep) skewOf(c *policy.Call) (time.Duration, error) {
	text, err := s.skew.Eval(c)
	if err != nil || text == "" {
		return 0, err
	}
	return policy.ParseDuration(text)
}
