package policies

import (
	"strconv"

	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// choose describes choose: the policies of the first condition that holds.
func choose() *policy.Spec {
	return &policy.Spec{
		Name:    "choose",
		Summary: "Runs the policies of the first `when` whose condition holds, or those of `otherwise`.",
		Details: "The conditions are evaluated in order, and none after the first that holds.",
		Example: `<choose>
    <when condition="@(context.Request.Headers.GetValueOrDefault("x-tier","") == "gold")">
        <set-variable name="limit" value="1000" />
    </when>
    <otherwise>
        <set-variable name="limit" value="100" />
    </otherwise>
</choose>`,
		Sections: everySection,
		Scopes:   everyScope,
		Shape: policy.Shape{Children: []policy.Child{
			{Name: "when", Min: 1, Doc: "policies for the case that the condition holds", Shape: policy.Shape{
				Attributes: []policy.Attribute{{Name: "condition", Required: true,
					Value: policy.Value{Type: policy.TypeBoolean, Expression: true, Doc: "truth value or expression that decides"}}},
				Policies: true,
			}},
			{Name: "otherwise", Max: 1, Doc: "policies for the case that no condition holds", Shape: policy.Shape{Policies: true}},
		}},
		Compile: compileChoose,
	}
}

// branch is one when.
type branch struct {
	condition policy.Bool
	steps     policy.Steps
}

// chooseStep runs one of its branches.
type chooseStep struct {
	branches  []branch
	otherwise policy.Steps
}

func compileChoose(c *policy.Compiler, el *document.Element) policy.Step {
	s := &chooseStep{}
	for _, child := range el.Children {
		if child.Name == "otherwise" {
			s.otherwise = c.Nested(child, "otherwise")
			continue
		}
		s.branches = append(s.branches, branch{
			condition: c.Bool(child, "condition"),
			steps:     c.Nested(child, "when["+strconv.Itoa(len(s.branches)+1)+"]"),
		})
	}
	return s
}

// Run runs the first branch whose condition holds.
func (s *chooseStep) Run(c *policy.Call) error {
	for i := range s.branches {
		holds, err := s.branches[i].condition.Eval(c)
		if err != nil {
			return err
		}
		if holds {
			return s.branches[i].steps.Run(c)
		}
	}
	return s.otherwise.Run(c)
}
