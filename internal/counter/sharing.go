package counter

// Scope says which gateways have a counter in common. Where gateways share no
// store, each counts by itself, whatever the scope.
type Scope uint8

// The scopes.
const (
	// ScopeRegion is all gateways of a region.
	ScopeRegion Scope = iota
	// ScopeGateway is one gateway by itself.
	ScopeGateway
	// ScopeGlobal is all gateways of all regions.
	ScopeGlobal
)

// scopeNames are the scopes as policy documents and commands name them.
var scopeNames = [...]string{ScopeRegion: "region", ScopeGateway: "gateway", ScopeGlobal: "global"}

// String returns the scope's name: region, gateway or global.
func (s Scope) String() string {
	if int(s) < len(scopeNames) {
		return scopeNames[s]
	}
	return "unknown"
}

// ParseScope returns the scope that has a name, and whether there is one.
func ParseScope(name string) (Scope, bool) {
	for s, known := range scopeNames {
		if known == name {
			return Scope(s), true //nolint:gosec // There are three.
		}
	}
	return 0, false
}

// WhenLost says what a limit does while the store that gateways share does not
// answer.
type WhenLost uint8

// What a limit does.
const (
	// Open counts in the gateway alone, up to its share of the limit.
	Open WhenLost = iota
	// Closed answers that the limit is unavailable.
	Closed
)

// Sharing says how a counter is shared. Its zero value is what holds where
// nothing is said: within the region, and open.
type Sharing struct {
	Scope    Scope
	WhenLost WhenLost
}
