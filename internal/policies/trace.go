package policies

import (
	"context"
	"log/slog"
	"strings"

	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// maxTraceText bounds each text of a trace, in bytes.
const maxTraceText = 32 << 10

// trace describes trace.
func trace() *policy.Spec {
	return &policy.Spec{
		Name:    "trace",
		Summary: "Writes a message to the gateway's log, and to the trace of the request where one is recorded.",
		Details: "The severities `verbose`, `information` and `error` are the levels debug, info and error of the log. " +
			"A message that nothing would record is not evaluated.\n\n" +
			"Control characters are written as escapes, so that a message stays one line; each text is cut off after 32 KiB.",
		Example: `<trace source="orders" severity="information">
    <message>@("order by " + context.Subscription?.Name)</message>
    <metadata name="region" value="eu" />
</trace>`,
		Sections: everySection,
		Scopes:   everyScope,
		Shape: policy.Shape{
			Text: &policy.Value{Expression: true, Doc: "the message, in the form of older documents"},
			Attributes: []policy.Attribute{
				{Name: "source", Required: true, Value: policy.Value{Doc: "who says it, for those who read the log"}},
				{Name: "severity", Value: policy.Value{Type: policy.TypeEnum, Enum: []string{"verbose", "information", "error"},
					Default: "verbose", Doc: "how important it is"}},
			},
			Children: []policy.Child{
				{Name: "message", Max: 1, Doc: "what is said; without it, the text of `trace` itself is", Shape: policy.Shape{Text: &policy.Value{Expression: true, Doc: "the message"}}},
				{Name: "metadata", Doc: "a further property", Shape: policy.Shape{Attributes: []policy.Attribute{
					{Name: "name", Required: true, Value: policy.Value{Expression: true, Doc: "name of the property"}},
					{Name: "value", Required: true, Value: policy.Value{Expression: true, Doc: "value of the property"}},
				}}},
			},
		},
		Compile: compileTrace,
	}
}

type traceStep struct {
	source   string
	level    slog.Level
	message  policy.String
	metadata []property
}

// property is one metadata element.
type property struct{ name, value policy.String }

func compileTrace(c *policy.Compiler, el *document.Element) policy.Step {
	source, _ := c.String(el, "source").Constant()
	s := &traceStep{source: oneLine(source), level: slog.LevelDebug}
	switch text, _ := c.String(el, "severity").Constant(); strings.ToLower(strings.TrimSpace(text)) {
	case "information":
		s.level = slog.LevelInfo
	case "error":
		s.level = slog.LevelError
	}
	for _, child := range el.Children {
		switch child.Name {
		case "message":
			s.message = c.Value(child, child.Text)
		case "metadata":
			s.metadata = append(s.metadata, property{name: c.String(child, "name"), value: c.String(child, "value")})
		}
	}
	text := el.Text.Trim()
	switch {
	case !text.IsZero() && s.message.IsSet():
		c.Fail(text.Pos, el.Name, "there is a message twice", "write it in the message element alone")
	case !text.IsZero():
		s.message = c.Value(el, text)
	case !s.message.IsSet():
		c.Fail(el.Pos, el.Name, "there is no message", "add a message element")
	}
	return s
}

// Run writes the message.
func (s *traceStep) Run(c *policy.Call) error {
	ctx := c.Request.Context
	if ctx == nil {
		ctx = context.Background()
	}
	traced := c.Expr.Tracing && c.Expr.Trace != nil
	logged := c.Services.Log.Enabled(ctx, s.level)
	if !traced && !logged {
		return nil
	}
	text, err := s.message.Eval(c)
	if err != nil {
		return err
	}
	text = oneLine(text)
	if traced {
		c.Expr.Trace(s.source + ": " + text)
	}
	if !logged {
		return nil
	}
	attributes := []slog.Attr{slog.String("source", s.source), slog.String("message", text), slog.String("requestId", c.ID)}
	for i := range s.metadata {
		name, err := s.metadata[i].name.Eval(c)
		if err != nil {
			return err
		}
		value, err := s.metadata[i].value.Eval(c)
		if err != nil {
			return err
		}
		attributes = append(attributes, slog.String("metadata."+oneLine(name), oneLine(value)))
	}
	c.Services.Log.LogAttrs(ctx, s.level, "trace", attributes...)
	return nil
}

// oneLine bounds a text and writes its control characters as escapes, whatever
// the log's form is.
func oneLine(text string) string {
	if len(text) > maxTraceText {
		text = strings.ToValidUTF8(text[:maxTraceText], "")
	}
	if strings.IndexFunc(text, breaksLine) < 0 {
		return text
	}
	const hex = "0123456789abcdef"
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case breaksLine(r):
			b.WriteString(`\u`)
			for shift := 12; shift >= 0; shift -= 4 {
				b.WriteByte(hex[r>>shift&0xf])
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// breaksLine reports whether a character could begin a line somewhere or steer
// a terminal.
func breaksLine(r rune) bool {
	return (r < ' ' && r != '\t') || (r >= 0x7f && r < 0xa0) || r == '\u2028' || r == '\u2029'
}
