package model

// Diagnostic says what of requests and responses is sent to a logger, for the
// whole service or for one API.
type Diagnostic struct {
	ID ID `json:"-"`
	// LoggerID refers to a logger: "/loggers/x".
	LoggerID string `json:"loggerId"`
	// AlwaysLog is "allErrors" or empty.
	AlwaysLog string `json:"alwaysLog,omitempty"`
	// HTTPCorrelationProtocol is "Legacy", "None" or "W3C".
	HTTPCorrelationProtocol string `json:"httpCorrelationProtocol,omitempty"`
	// Verbosity is "error", "information" or "verbose".
	Verbosity string `json:"verbosity,omitempty"`
	// OperationNameFormat is "Name" or "Url".
	OperationNameFormat string              `json:"operationNameFormat,omitempty"`
	LogClientIP         *bool               `json:"logClientIp,omitempty"`
	Metrics             *bool               `json:"metrics,omitempty"`
	Sampling            *Sampling           `json:"sampling,omitempty"`
	Frontend            *DiagnosticPipeline `json:"frontend,omitempty"`
	Backend             *DiagnosticPipeline `json:"backend,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// Sampling says which share of calls is logged, in percent. SamplingType is
// "fixed".
type Sampling struct {
	SamplingType string   `json:"samplingType,omitempty"`
	Percentage   *float64 `json:"percentage,omitempty"`
}

// DiagnosticPipeline is one side of the gateway.
type DiagnosticPipeline struct {
	Request  *DiagnosticMessage `json:"request,omitempty"`
	Response *DiagnosticMessage `json:"response,omitempty"`
}

// DiagnosticMessage says what of a message is logged.
type DiagnosticMessage struct {
	Headers     []string        `json:"headers,omitempty"`
	Body        *DiagnosticBody `json:"body,omitempty"`
	DataMasking *DataMasking    `json:"dataMasking,omitempty"`
}

// DiagnosticBody says how much of a body is logged, at most 8,192 bytes.
type DiagnosticBody struct {
	Bytes *int `json:"bytes,omitempty"`
}

// DataMasking hides what must not be logged.
type DataMasking struct {
	Headers     []MaskedEntity `json:"headers,omitempty"`
	QueryParams []MaskedEntity `json:"queryParams,omitempty"`
}

// MaskedEntity names a header or a query parameter. Mode is "Mask" or "Hide".
type MaskedEntity struct {
	Value string `json:"value,omitempty"`
	Mode  string `json:"mode,omitempty"`
}

// MaxLoggedBody bounds DiagnosticBody.Bytes.
const MaxLoggedBody = 8192

// ResourceID returns the diagnostic's id.
func (d *Diagnostic) ResourceID() ID { return d.ID }

// Kind returns KindDiagnostic.
func (*Diagnostic) Kind() Kind { return KindDiagnostic }

func (d *Diagnostic) setID(id ID) { d.ID = id }
func (d *Diagnostic) rest() *Rest { return &d.Rest }
