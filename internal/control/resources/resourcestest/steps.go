package resourcestest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Step is one request and what it has to answer.
type Step struct {
	Name, Method, Path string
	// Body and Headers are those of Do.
	Body    any
	Headers []string
	Status  int
	// Want is what stands at paths of the answer, and Targets are those of the
	// details of an error; nil is not looked at.
	Want    map[string]any
	Targets []string
}

// Run does one step after the other, each a test of its own.
func (s *Server) Run(t *testing.T, steps []Step) {
	t.Helper()
	for _, step := range steps {
		t.Run(step.Name, func(t *testing.T) {
			status, _, body := s.Do(step.Method, step.Path, step.Body, step.Headers...)
			if status != step.Status {
				t.Fatalf("%s %s: status %d, not %d: %v", step.Method, step.Path, status, step.Status, body)
			}
			for path, want := range step.Want {
				if diff := cmp.Diff(want, At(body, path)); diff != "" {
					t.Errorf("%s: %s\n%v", path, diff, body)
				}
			}
			if step.Targets == nil {
				return
			}
			if diff := cmp.Diff(step.Targets, Targets(body)); diff != "" {
				t.Errorf("targets: %s\n%v", diff, body)
			}
		})
	}
}
