package policies

import (
	"strings"

	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// limitConcurrency describes limit-concurrency: a bound on how many requests
// are inside the policies that it encloses.
func limitConcurrency() *policy.Spec {
	return &policy.Spec{
		Name:    "limit-concurrency",
		Summary: "Lets at most a number of requests into the enclosed policies at the same time.",
		Details: "A request that finds no place is answered with `429 Too Many Requests` at once; there is no queue. " +
			"Policies with the same key share their places, wherever they stand. A place is given back when the enclosed " +
			"policies have ended, also where they fail.",
		Example: `<limit-concurrency key="@((string)context.Variables["tenant"])" max-count="3">
    <forward-request timeout="120" />
</limit-concurrency>`,
		Sections: everySection,
		Scopes:   everyScope,
		Shape: policy.Shape{
			Attributes: []policy.Attribute{
				{Name: "key", Required: true, Value: policy.Value{Expression: true, Doc: "what the places belong to"}},
				{Name: "max-count", Required: true, Value: policy.Value{Type: policy.TypeInteger, Min: 1, Max: 1<<31 - 1, Doc: "number of places"}},
			},
			Policies: true,
		},
		Compile: func(c *policy.Compiler, el *document.Element) policy.Step {
			limit, _ := c.Int(el, "max-count").Constant()
			return &limitConcurrencyStep{key: c.String(el, "key"), limit: limit, steps: c.Steps(el)}
		},
	}
}

type limitConcurrencyStep struct {
	key   policy.String
	limit int64
	steps policy.Steps
}

// Run runs the enclosed policies in a place of its own.
func (s *limitConcurrencyStep) Run(c *policy.Call) (err error) {
	key, known := s.key.Constant()
	if !known {
		if key, err = s.key.Eval(c); err != nil {
			return err
		}
		// The key outlives the request where another one is inside with it.
		key = strings.Clone(key)
	}
	place := c.Services.Concurrency.Enter(key, s.limit)
	if place == nil {
		return policy.NewFault(429, "limit-concurrency", "ConcurrencyLimitExceeded",
			"Too many requests are being processed at the same time. Try again later.")
	}
	defer func() { _ = place.Close() }() // Close returns nil.
	return s.steps.Run(c)
}
