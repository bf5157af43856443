package collections

import (
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// maxDelegateParams is the number of parameters that Func and Action have at most here.
const maxDelegateParams = 8

// Delegates returns the tables of the delegate types that sequences are worked on with.
func Delegates() []types.Table {
	list := []types.Table{
		{Namespace: "System", Decl: "delegate bool Predicate<in T>(T obj)"},
		{Namespace: "System", Decl: "delegate int Comparison<in T>(T x, T y)"},
		{Namespace: "System", Decl: "delegate TOutput Converter<in TInput, out TOutput>(TInput input)"},
		{Namespace: "System", Decl: "delegate void Action()"},
		{Namespace: "System", Decl: "delegate TResult Func<out TResult>()"},
	}
	for n := 1; n <= maxDelegateParams; n++ {
		var in, params []string
		for i := 1; i <= n; i++ {
			t := "T"
			if n > 1 {
				t += strconv.Itoa(i)
			}
			in = append(in, "in "+t)
			params = append(params, t+" arg"+strconv.Itoa(i))
		}
		names, args := strings.Join(in, ", "), strings.Join(params, ", ")
		list = append(list,
			types.Table{Namespace: "System", Decl: "delegate void Action<" + names + ">(" + args + ")"},
			types.Table{Namespace: "System", Decl: "delegate TResult Func<" + names + ", out TResult>(" + args + ")"},
		)
	}
	return list
}

// Invoke calls a delegate with arguments in parameter order and takes a step of the budget.
func Invoke(t *value.Thread, d *value.Delegate, args ...value.Value) (value.Value, *value.Exception) {
	if e := t.Budget.Step(); e != nil {
		return value.Nil, e
	}
	return d.Fn(t, args)
}

// DelegateArg returns the i-th argument of a call as a delegate, or ArgumentNullException.
func DelegateArg(c *value.Call, i int, name string) (*value.Delegate, *value.Exception) {
	o, _ := c.Args[i].Object()
	d, ok := o.(*value.Delegate)
	if !ok {
		return nil, value.NullArgument(name)
	}
	return d, nil
}
