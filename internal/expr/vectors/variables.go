package vectors

import (
	"encoding/json"

	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/trial"
)

// typedVariables are the variables of a context document in its order.
type typedVariables struct {
	names  []string
	values []variableDoc
}

// UnmarshalJSON reads an object of typed variables in its order.
func (t *typedVariables) UnmarshalJSON(data []byte) error {
	return eachMember(data, func(name string, raw json.RawMessage) error {
		var d variableDoc
		if err := json.Unmarshal(raw, &d); err != nil {
			return err
		}
		t.names = append(t.names, name)
		t.values = append(t.values, d)
		return nil
	})
}

// makers make a variable of a type from its text, which they find in the variable "v". They are C#
// themselves, so that a vector's variables are what an expression would have made.
var makers = map[string]string{
	"string":                    `(string)context.Variables["v"]`,
	"int":                       `int.Parse((string)context.Variables["v"])`,
	"long":                      `long.Parse((string)context.Variables["v"])`,
	"double":                    `double.Parse((string)context.Variables["v"])`,
	"decimal":                   `decimal.Parse((string)context.Variables["v"])`,
	"bool":                      `bool.Parse((string)context.Variables["v"])`,
	"DateTime":                  `DateTime.Parse((string)context.Variables["v"]).ToUniversalTime()`,
	"Guid":                      `new Guid((string)context.Variables["v"])`,
	"TimeSpan":                  `TimeSpan.Parse((string)context.Variables["v"])`,
	"JObject":                   `JObject.Parse((string)context.Variables["v"])`,
	"JArray":                    `JArray.Parse((string)context.Variables["v"])`,
	"XElement":                  `XElement.Parse((string)context.Variables["v"])`,
	"byte[]":                    `Convert.FromBase64String((string)context.Variables["v"])`,
	"Jwt":                       `((string)context.Variables["v"]).AsJwt()`,
	"string[]":                  `JArray.Parse((string)context.Variables["v"]).Select(t => (string)t).ToArray()`,
	"List<string>":              `JArray.Parse((string)context.Variables["v"]).Select(t => (string)t).ToList()`,
	"Dictionary<string,string>": `JObject.Parse((string)context.Variables["v"]).Properties().ToDictionary(p => p.Name, p => (string)p.Value)`,
}

// fill makes the variables of a document, as far as they can be made.
func (r *Runner) fill(doc *contextDoc, call *policy.Call) {
	for i, name := range doc.Variables.names {
		v, err := r.variable(doc.Variables.values[i])
		if err != nil {
			// Most vectors do without most variables of their context; one that needs it will say so.
			continue
		}
		call.Variables.Set(name, v)
	}
}

// variable makes one variable.
func (r *Runner) variable(d variableDoc) (value.Value, error) {
	switch d.Type {
	case "null":
		return value.Nil, nil
	case "IResponse":
		var m messageDoc
		if err := json.Unmarshal(d.Value, &m); err != nil {
			return value.Nil, err
		}
		call := trial.New(&message.Request{})
		if err := m.answer(call.Response); err != nil {
			return value.Nil, err
		}
		return r.compiler.ResponseValue(call.Expression().Response), nil
	}
	if d.Type == "Authorization" {
		var a struct {
			AccessToken string `json:"accessToken"`
		}
		if err := json.Unmarshal(d.Value, &a); err != nil {
			return value.Nil, err
		}
		return r.compiler.AuthorizationValue(a.AccessToken), nil
	}
	text := string(d.Value)
	var plain string
	if json.Unmarshal(d.Value, &plain) == nil {
		text = plain
	}
	return r.apply("make "+d.Type, makers[d.Type], value.OfGo(text))
}
