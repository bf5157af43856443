package model

// Logger is where diagnostics and log policies send to.
type Logger struct {
	ID          ID         `json:"-"`
	LoggerType  LoggerType `json:"loggerType"`
	Description string     `json:"description,omitempty"`
	// Credentials depend on the type; values may name a named value.
	Credentials map[string]string `json:"credentials,omitempty"`
	// IsBuffered is true where it is nil.
	IsBuffered *bool `json:"isBuffered,omitempty"`
	// AzureResourceID is the id of the Azure resource that is logged to.
	AzureResourceID string `json:"resourceId,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// LoggerType is the kind of place that a logger sends to.
type LoggerType string

// The types of loggers.
const (
	LoggerApplicationInsights LoggerType = "applicationInsights"
	LoggerAzureEventHub       LoggerType = "azureEventHub"
	LoggerAzureMonitor        LoggerType = "azureMonitor"
)

// ResourceID returns the logger's id.
func (l *Logger) ResourceID() ID { return l.ID }

// Kind returns KindLogger.
func (*Logger) Kind() Kind { return KindLogger }

func (l *Logger) setID(id ID) { l.ID = id }
func (l *Logger) rest() *Rest { return &l.Rest }
