package expr

import (
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/library/apim"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// ResponseValue returns a response as a value, for the variable that a policy such as send-request sets.
func (c *Compiler) ResponseValue(r host.Response) Value { return apim.Response(c.planner.Env(), r) }

// JWTValue returns a decoded token as a value, for the variable that validate-jwt sets; null where text is no token.
// "Bearer " may stand before it.
func (c *Compiler) JWTValue(text string) Value {
	if j := apim.ParseJWT(c.planner.Env(), text); j != nil {
		return value.OfObject(j)
	}
	return value.Nil
}

// BoolValue returns a bool as a value.
func (c *Compiler) BoolValue(b bool) Value { return c.planner.Env().Bool(b) }

// IntValue returns an int as a value.
func (c *Compiler) IntValue(n int32) Value { return c.planner.Env().Int(int64(n)) }

// BytesValue returns a byte[] as a value; data is not copied.
func (c *Compiler) BytesValue(data []byte) Value { return c.planner.Env().Bytes(data) }

// StringValue returns a string as a value.
func StringValue(s string) Value { return value.OfGo(s) }

// AuthorizationValue returns an authorization context with its access token as a value, for the variable that
// get-authorization-context sets.
func (c *Compiler) AuthorizationValue(accessToken string) Value {
	return apim.Authorization(c.planner.Env(), accessToken)
}
