package apiops

import (
	"github.com/sallyport/sallyport/internal/control/transfer/openapi"
)

// Limits of folders.
const (
	// MaxFiles bounds the files that are read from one folder.
	MaxFiles = 500_000
	// MaxInformationSize bounds an information file, in bytes.
	MaxInformationSize = 2 << 20
	// MaxPolicySize bounds a policy document, in bytes.
	MaxPolicySize = 1 << 20
	// MaxOverridesSize bounds a file of overrides, in bytes.
	MaxOverridesSize = 4 << 20
	// MaxSpecificationSize bounds a specification, in bytes.
	MaxSpecificationSize = openapi.MaxSize
	// MaxValueSize bounds a value from the environment or a file, in bytes.
	MaxValueSize = 64 << 10
)

// Options say what is read besides the folder.
type Options struct {
	// Overrides are those of an environment (configuration.prod.yaml), merged
	// over the files of the folder; nil has none.
	Overrides []byte
	// OverridesFile is the name under which problems name the overrides.
	OverridesFile string
	// Env looks up environment variables for valueFrom. While it is nil, a
	// valueFrom that names one is a problem.
	Env func(name string) (value string, ok bool)
	// ReadValue reads files for valueFrom, by the path that it names. While it
	// is nil, a valueFrom that names a file is a problem.
	ReadValue func(path string) ([]byte, error)
}
