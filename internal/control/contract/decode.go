package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/problem"
)

// DecodeObject reads a body that must be one JSON object in UTF-8 of at most
// limit bytes. Numbers are json.Number. It is strict: a member that is there
// twice is refused, because clients and services that read different ones of the
// two would disagree about what was asked for; so is anything behind the object.
// The error is a *problem.Error (400, or 413 for the limit) that names the line
// and the column, both counted from 1, columns in characters.
func DecodeObject(data []byte, limit int) (map[string]any, error) {
	if len(data) > limit {
		return nil, problem.New(413, problem.CodeTooLarge,
			"The body has %d bytes; at most %d are allowed.", len(data), limit)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	d := &decoder{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	d.dec.UseNumber()
	if err := d.check(); err != nil {
		return nil, err
	}
	value, err := d.value(1)
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, problem.Validation("The body must be a JSON object, and is %s.", describe(value))
	}
	return object, nil
}

// decoder walks over the tokens of a body that is known to be JSON.
type decoder struct {
	data  []byte
	dec   *json.Decoder
	nodes int
}

// check refuses what is not one JSON value in UTF-8.
func (d *decoder) check() error {
	if len(bytes.TrimSpace(d.data)) == 0 {
		return problem.Validation("The body is empty; it must be a JSON object.")
	}
	if i := invalid(d.data); i >= 0 {
		return d.fault(i, "this is not valid UTF-8")
	}
	var raw json.RawMessage
	err := json.Unmarshal(d.data, &raw)
	if err == nil {
		return nil
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return d.fault(int(max(syntax.Offset-1, 0)), syntax.Error())
	}
	return problem.Validation("The body is not valid JSON: %v.", err)
}

// invalid gives the offset of the first byte that is not UTF-8, or -1.
func invalid(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// fault says what is wrong at an offset, by line and column.
func (d *decoder) fault(offset int, what string) error {
	offset = min(offset, len(d.data))
	before := d.data[:offset]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return problem.Validation("The body is not valid JSON: line %d, column %d: %s.", line, column, what)
}

// value reads one value.
func (d *decoder) value(depth int) (any, error) {
	token, err := d.token()
	if err != nil {
		return nil, err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return token, nil
	}
	if depth > maxDepth {
		return nil, d.fault(int(d.dec.InputOffset())-1, "objects and arrays are nested more than "+strconv.Itoa(maxDepth)+" deep")
	}
	if delim == '[' {
		return d.array(depth)
	}
	return d.object(depth)
}

// token reads one token and counts it.
func (d *decoder) token() (json.Token, error) {
	d.nodes++
	if d.nodes > 4*maxNodes {
		return nil, problem.Validation("The body has too many values; at most %d are allowed.", maxNodes)
	}
	token, err := d.dec.Token()
	if errors.Is(err, io.EOF) {
		return nil, d.fault(len(d.data), "the body ends too soon")
	}
	if err != nil {
		return nil, d.fault(int(d.dec.InputOffset()), err.Error())
	}
	return token, nil
}

// array reads the rest of an array.
func (d *decoder) array(depth int) (any, error) {
	array := []any{}
	for d.dec.More() {
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		array = append(array, v)
	}
	_, err := d.token()
	return array, err
}

// object reads the rest of an object.
func (d *decoder) object(depth int) (any, error) {
	object := map[string]any{}
	for d.dec.More() {
		token, err := d.token()
		if err != nil {
			return nil, err
		}
		name, ok := token.(string)
		if !ok {
			return nil, d.fault(int(d.dec.InputOffset()), "a member must have a name")
		}
		if _, twice := object[name]; twice {
			return nil, d.fault(int(d.dec.InputOffset())-1, "the member "+strconv.Quote(shorten(name))+" is there twice")
		}
		if object[name], err = d.value(depth + 1); err != nil {
			return nil, err
		}
	}
	_, err := d.token()
	return object, err
}
