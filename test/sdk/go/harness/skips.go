package harness

// skip is an example that cannot be run, with the reason.
type skip struct{ version, name, reason string }

// skips are the examples that are left out.
var skips = []skip{}

// skipped gives the reason for leaving an example out.
func skipped(version, name string) (string, bool) {
	for _, s := range skips {
		if s.name == name && (s.version == "" || s.version == version) {
			return s.reason, true
		}
	}
	return "", false
}
