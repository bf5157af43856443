package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/opencontainers/go-digest"
)

// baseImages answers for the images that a Dockerfile begins with, so that no
// registry is asked.
type baseImages struct{}

// ResolveImageConfig knows every image, with nothing in it.
func (baseImages) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config := []byte(`{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/usr/bin"]}}`)
	return ref, digest.FromBytes(config), config, nil
}

// findings are what BuildKit says of a Dockerfile (docker build --check), and what
// we ask of it besides.
func findings(text string) ([]string, error) {
	source := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", []byte(text))
	source.Definition = &llb.Definition{}
	results, err := dockerfile2llb.DockerfileLint(context.Background(), []byte(text), dockerfile2llb.ConvertOpt{
		MetaResolver: baseImages{}, SourceMap: source,
	})
	if err != nil {
		return nil, fmt.Errorf("checking the file: %w", err)
	}
	if results.Error != nil {
		return nil, errors.New(results.Error.Message)
	}
	var found []string
	for _, warning := range results.Warnings {
		found = append(found, warning.RuleName+": "+warning.Detail)
	}
	tree, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	stages, _, err := instructions.Parse(tree.AST, linter.New(&linter.Config{}))
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	last := stages[len(stages)-1]
	if last.BaseName != "scratch" {
		found = append(found, "the image is built on "+last.BaseName)
	}
	if !runsUnprivileged(last) {
		found = append(found, "the program runs as root")
	}
	return found, nil
}

// runsUnprivileged says whether a stage ends as a user with a number, which
// Kubernetes can tell from root.
func runsUnprivileged(stage instructions.Stage) bool {
	user := ""
	for _, command := range stage.Commands {
		if c, ok := command.(*instructions.UserCommand); ok {
			user = c.User
		}
	}
	return strings.HasPrefix(user, "65532")
}

// TestImage reads the Dockerfile as BuildKit does, with its rules.
func TestImage(t *testing.T) {
	found, err := findings(read(t, "deploy/docker/Dockerfile"))
	if err != nil || len(found) > 0 {
		t.Errorf("%v\n%s", err, strings.Join(found, "\n"))
	}
}

// TestImage_NegativeControl reads Dockerfiles with faults.
func TestImage_NegativeControl(t *testing.T) {
	good := read(t, "deploy/docker/Dockerfile")
	for name, change := range map[string][2]string{
		"an unknown instruction": {"EXPOSE", "EXPOSES"},
		"an unknown flag":        {"--chown=", "--own="},
		"root":                   {"USER 65532:65532", "USER root"},
		"two spellings":          {"ENTRYPOINT", "entrypoint"},
		"two commands":           {"CMD [", "CMD [\"version\"]\nCMD ["},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("%s: the file has no %q", name, change[0])
		}
		if found, err := findings(bad); err == nil && len(found) == 0 {
			t.Errorf("%s was not found", name)
		}
	}
}
