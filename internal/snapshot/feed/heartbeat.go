package feed

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// Health is how a gateway says that it is.
type Health string

// The healths of gateways.
const (
	// HealthOK is that of a gateway which runs all of its newest document.
	HealthOK Health = "ok"
	// HealthDegraded is that of one which holds back parts of it.
	HealthDegraded Health = "degraded"
	// HealthDraining is that of one which is about to end.
	HealthDraining Health = "draining"
)

// Heartbeat is what a gateway says of itself.
type Heartbeat struct {
	// Instance is the random id that the gateway's data folder keeps.
	Instance string `json:"instance"`
	Release  string `json:"release,omitempty"`
	Region   string `json:"region,omitempty"`
	Host     string `json:"host,omitempty"`
	// Lineage, Revision and Digest are those of the document that it serves
	// requests from. Before the first document they are empty.
	Lineage  string `json:"lineage,omitempty"`
	Revision uint64 `json:"revision,omitempty"`
	Digest   string `json:"digest,omitempty"`
	// Started, Applied and Contact are the times of its start, of its newest
	// document, and of the feed's last frame, by its own clock.
	Started  time.Time `json:"started,omitzero"`
	Applied  time.Time `json:"applied,omitzero"`
	Contact  time.Time `json:"contact,omitzero"`
	Health   Health    `json:"health"`
	Problems []Problem `json:"problems,omitempty"`
}

// Problem is a part of the newest document that a gateway holds back.
type Problem struct {
	// Resource is the id relative to the service, Element its part.
	Resource string `json:"resource,omitempty"`
	Element  string `json:"element,omitempty"`
	Message  string `json:"message"`
}

// Check says what of a heartbeat is wrong; nil where nothing is.
func (h *Heartbeat) Check() error {
	if err := CheckInstance(h.Instance); err != nil {
		return err
	}
	if err := firstError(checkName("release", h.Release), checkName("region", h.Region), checkName("host", h.Host),
		checkName("lineage", h.Lineage)); err != nil {
		return err
	}
	if h.Digest != "" {
		if _, err := wire.ParseDigest(h.Digest); err != nil {
			return err
		}
	}
	switch h.Health {
	case HealthOK, HealthDegraded, HealthDraining:
	default:
		return fmt.Errorf("health is %s, %s or %s", HealthOK, HealthDegraded, HealthDraining)
	}
	if len(h.Problems) > MaxHeartbeatProblems {
		return fmt.Errorf("problems has %d elements, more than MaxHeartbeatProblems (%d)", len(h.Problems), MaxHeartbeatProblems)
	}
	for i, p := range h.Problems {
		if err := firstError(checkText("resource", p.Resource), checkText("element", p.Element), checkText("message", p.Message)); err != nil {
			return fmt.Errorf("problems[%d]: %w", i, err)
		}
	}
	return nil
}

// DecodeHeartbeat reads the body of a heartbeat, of at most MaxHeartbeat bytes,
// and checks it.
func DecodeHeartbeat(r io.Reader) (*Heartbeat, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxHeartbeat+1))
	if err != nil {
		return nil, fmt.Errorf("reading a heartbeat: %w", err)
	}
	if len(body) > MaxHeartbeat {
		return nil, fmt.Errorf("reading a heartbeat: it has more than MaxHeartbeat (%d) bytes", MaxHeartbeat)
	}
	var h Heartbeat
	if err := json.Unmarshal(body, &h); err != nil {
		return nil, fmt.Errorf("reading a heartbeat: %w", err)
	}
	if err := h.Check(); err != nil {
		return nil, fmt.Errorf("reading a heartbeat: %w", err)
	}
	return &h, nil
}

// CheckInstance says why a text is no instance's id; nil where it is one:
// letters, digits, - and _, 1 to 64 of them.
func CheckInstance(id string) error {
	const most = 64
	if id == "" || len(id) > most {
		return fmt.Errorf("instance has %d bytes, not 1 to %d", len(id), most)
	}
	if strings.ContainsFunc(id, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_'
	}) {
		return fmt.Errorf("instance has other characters than letters, digits, - and _")
	}
	return nil
}

// checkName bounds a name, which is empty or printable.
func checkName(field, text string) error {
	if len(text) > MaxName {
		return fmt.Errorf("%s has %d bytes, more than %d", field, len(text), MaxName)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return fmt.Errorf("%s has characters that cannot be printed", field)
	}
	return nil
}

// checkText bounds a sentence.
func checkText(field, text string) error {
	if len(text) > MaxText {
		return fmt.Errorf("%s has %d bytes, more than %d", field, len(text), MaxText)
	}
	if !utf8.ValidString(text) {
		return fmt.Errorf("%s is not text", field)
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
