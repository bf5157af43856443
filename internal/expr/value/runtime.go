package value

// Runtime is the .NET whose answers expressions give where two of them differ: in the text of floating-point
// numbers, in what is rounded to whole milliseconds.
type Runtime uint8

// The runtimes.
const (
	// Net is .NET, version 10. It is the default.
	Net Runtime = iota
	// NetFramework is the .NET Framework, version 4.8.
	NetFramework
)

// runtimeNames are the names under which the command line knows the runtimes.
var runtimeNames = [...]string{Net: "net", NetFramework: "netframework"}

// String returns the name of the runtime: "net" or "netframework".
func (r Runtime) String() string { return runtimeNames[r] }

// ParseRuntime returns the runtime of that name, and false where there is none.
func ParseRuntime(name string) (Runtime, bool) {
	for r, n := range runtimeNames {
		if n == name {
			return Runtime(r), true
		}
	}
	return Net, false
}
