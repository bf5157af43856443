package value

// String returns the i-th argument where its type is string.
func (c *Call) String(i int) String { return c.Args[i].StringOrNull() }

// Go returns the content of the i-th argument where its type is string, "" for null.
func (c *Call) Go(i int) string { return c.Args[i].StringOrNull().Go() }

// Int returns the i-th argument where it is an integer, a character, an enum, a date or a span.
func (c *Call) Int(i int) int64 { return c.Args[i].Int() }

// Float returns the i-th argument where it is a double or a float.
func (c *Call) Float(i int) float64 { return c.Args[i].Float() }

// Bool returns the i-th argument where it is a bool.
func (c *Call) Bool(i int) bool { return c.Args[i].Bool() }

// Object returns the i-th argument where it is a reference other than a string, nil otherwise.
func (c *Call) Object(i int) Object {
	o, _ := c.Args[i].Object()
	return o
}

// Bytes returns the i-th argument where it is a byte[], nil otherwise.
func (c *Call) Bytes(i int) []byte {
	b, _ := c.Object(i).(*Bytes)
	if b == nil {
		return nil
	}
	return b.Data
}

// ReturnInt returns an integer of the call's result type.
func (c *Call) ReturnInt(n int64) (Value, *Exception) { return Boxed(c.Result, uint64(n)), nil }

// ReturnFloat returns a float of the call's result type.
func (c *Call) ReturnFloat(f float64) (Value, *Exception) { return BoxedFloat(c.Result, f), nil }

// ReturnBool returns a bool of the call's result type.
func (c *Call) ReturnBool(b bool) (Value, *Exception) { return BoxedBool(c.Result, b), nil }

// ReturnString charges the budget for a new string and returns it.
func (c *Call) ReturnString(s string) (Value, *Exception) {
	if e := c.Thread.Budget.AllocString(int64(len(s))); e != nil {
		return Nil, e
	}
	return OfGo(s), nil
}

// NotNull returns an ArgumentNullException where the i-th argument is null.
func (c *Call) NotNull(i int, param string) *Exception {
	if c.Args[i].IsNull() {
		return NullArgument(param)
	}
	return nil
}
