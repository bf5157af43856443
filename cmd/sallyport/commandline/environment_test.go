package commandline_test

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
)

func TestFromEnvironment(t *testing.T) {
	const secret = "postgres://me:tr0ub4dor@db.example/sallyport" // #nosec G101 -- Not a credential.
	t.Setenv("SALLYPORT_TRIAL", secret)
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"the variable", nil, secret},
		{"the flag counts more", []string{"--trial", "here"}, "here"},
		{"also where it is empty", []string{"--trial="}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var value string
			set := pflag.NewFlagSet("trial", pflag.ContinueOnError)
			commandline.FromEnvironment(set, &value, "trial", "SALLYPORT_TRIAL", "URL of a store")
			if err := set.Parse(tt.args); err != nil || value != tt.want {
				t.Errorf("it is %q (%v), want %q", value, err, tt.want)
			}
			usage := set.FlagUsages()
			if strings.Contains(usage, "tr0ub4dor") || !strings.Contains(usage, "URL of a store ($SALLYPORT_TRIAL)") {
				t.Errorf("the help is %q, want the variable's name and not its value", usage)
			}
		})
	}
}
