package parse

// The limits of what the parser reads. Each is reported as SP0003 with its name.
const (
	// MaxSource is the length of one expression, in bytes ("expression-length").
	MaxSource = 256 << 10
	// MaxTokens is the number of tokens of one expression ("expression-tokens").
	MaxTokens = 32 << 10
	// MaxDepth is the depth of nesting of expressions, statements, types and interpolated strings
	// ("expression-nesting").
	MaxDepth = 400
	// MaxInterpolation is the depth of nesting of interpolated strings alone: what is inside one is read once for each
	// around it ("expression-interpolation").
	MaxInterpolation = 16
	// MaxChain is the length of a chain of operators or member accesses ("expression-chain").
	MaxChain = 2000
)

// codeLimit is the number under which a limit is reported.
const codeLimit = "SP0003"
