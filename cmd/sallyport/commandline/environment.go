package commandline

import (
	"os"

	"github.com/spf13/pflag"
)

// FromEnvironment declares a flag whose value is that of an environment variable
// where it is not given. The help names the variable and does not show its value,
// which may hold a password.
func FromEnvironment(set *pflag.FlagSet, value *string, name, variable, usage string) {
	set.StringVar(value, name, os.Getenv(variable), usage+" ($"+variable+")")
	set.Lookup(name).DefValue = ""
}
