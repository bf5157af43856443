package console

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

// Names of the form's fields. Those of parameters end in the parameter's name.
const (
	pathField       = "path."
	queryField      = "query."
	headerField     = "header."
	formField       = "form."
	fileField       = "file."
	moreQueryField  = "morequery"
	moreHeaderField = "moreheaders"
	moreFormField   = "moreform"
	mediaField      = "media"
	bodyField       = "body"
	bodyFileField   = "bodyfile"
	keyField        = "key"
	typedKeyField   = "typedkey"
	tokenField      = "token"
	revealField     = "reveal"
	traceField      = "trace"
)

// Media types that have fields of their own.
const (
	formMedia      = "application/x-www-form-urlencoded"
	multipartMedia = "multipart/form-data"
)

// errTooLarge says that what was sent is larger than the console takes.
var errTooLarge = fmt.Errorf("the request is larger than %d bytes", maxRequestBody)

// upload is a file that a visitor chose.
type upload struct {
	Name, Media string
	Content     []byte
}

// draft is what a visitor filled in: the form's fields and files.
type draft struct {
	Fields url.Values
	Files  map[string]upload
}

// readDraft reads the form of a request whose body was not read, as modules send
// it; the body is bounded already.
func readDraft(r *http.Request) (*draft, error) {
	reader, err := r.MultipartReader()
	if err != nil {
		return nil, refuse("", "the form could not be read")
	}
	d := &draft{Fields: url.Values{}, Files: map[string]upload{}}
	left := int64(maxFormBytes)
	for n := 0; ; n++ {
		part, err := reader.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return d, nil
		case err != nil:
			return nil, refuse("", "the form could not be read to its end")
		case n >= 2*maxFields:
			return nil, refuse("", "the form has more than %d fields", 2*maxFields)
		}
		content, cut, err := readBounded(part, left)
		if err != nil || cut {
			return nil, refuse("", "%v", errTooLarge)
		}
		left -= int64(len(content))
		d.add(part.FormName(), part.FileName(), part.Header.Get("Content-Type"), content)
	}
}

// formDraft is the draft of a form that was read already.
func formDraft(fields url.Values, form *multipart.Form) (*draft, error) {
	d := &draft{Fields: fields, Files: map[string]upload{}}
	if form == nil {
		return d, nil
	}
	for name, files := range form.File {
		file, err := files[0].Open()
		if err != nil {
			return nil, fmt.Errorf("opening an uploaded file: %w", err)
		}
		content, cut, err := readBounded(file, maxRequestBody)
		_ = file.Close() // It was only read.
		if err != nil || cut {
			return nil, refuse(name, "%v", errTooLarge)
		}
		d.add(name, files[0].Filename, files[0].Header.Get("Content-Type"), content)
	}
	return d, nil
}

// add takes a part of a form. A browser sends a file without a name where none
// was chosen.
func (d *draft) add(name, file, media string, content []byte) {
	switch {
	case file != "":
		d.Files[name] = upload{Name: file, Media: media, Content: content}
	case media == "" || strings.HasPrefix(media, "text/plain"):
		d.Fields.Add(name, string(content))
	}
}

// get is a field's first value.
func (d *draft) get(name string) string { return d.Fields.Get(name) }

// below are the fields whose name begins with a prefix, without it, by name;
// those without a value are left out.
func (d *draft) below(prefix string) []pair {
	var found []pair
	for name, values := range d.Fields {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" {
			for _, value := range values {
				if value != "" {
					found = append(found, pair{rest, value})
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b pair) int { return strings.Compare(a.Name, b.Name) })
	return found
}

// build makes the request that the draft describes. Its errors are refusals.
func (d *draft) build(t *target) (*outgoing, error) {
	values := map[string]string{}
	for _, p := range d.below(pathField) {
		values[p.Name] = p.Value
	}
	more, err := readQuery(moreQueryField, d.get(moreQueryField))
	if err != nil {
		return nil, err
	}
	u, err := t.locate(values, slices.Concat(d.below(queryField), more))
	if err != nil {
		return nil, err
	}
	out := &outgoing{Method: t.Method, URL: u}
	if out.Header, err = d.header(t); err != nil {
		return nil, err
	}
	media, body, err := d.body()
	if err != nil {
		return nil, err
	}
	if len(body) > maxRequestBody {
		return nil, refuse(bodyField, "%v", errTooLarge)
	}
	if out.Body = body; media != "" && fieldOf(out.Header, "Content-Type") == "" {
		out.Header = append(out.Header, pair{"Content-Type", media})
	}
	return out, nil
}

// header are the fields that the visitor wants to be sent.
func (d *draft) header(t *target) ([]pair, error) {
	more, err := readFields(moreHeaderField, d.get(moreHeaderField))
	if err != nil {
		return nil, err
	}
	named := d.below(headerField)
	for _, p := range named {
		if err := checkField(headerField+p.Name, p.Name, p.Value); err != nil {
			return nil, err
		}
	}
	size := 0
	for _, p := range more {
		if err := checkField(moreHeaderField, p.Name, p.Value); err != nil {
			return nil, err
		}
	}
	fields := slices.Concat(named, more)
	for _, p := range t.Header {
		fields = setField(fields, p.Name, p.Value)
	}
	for _, p := range fields {
		size += len(p.Name) + len(p.Value) + len(": \r\n")
	}
	if size > maxFieldBytes || len(fields) > maxFields {
		return nil, refuse(moreHeaderField, "the header is larger than %d fields or %d bytes", maxFields, maxFieldBytes)
	}
	if fieldOf(fields, "User-Agent") == "" {
		fields = append(fields, pair{"User-Agent", "Sallyport-Console"})
	}
	return fields, nil
}

// body is the body with its media type, in which a multipart body has its
// boundary.
func (d *draft) body() (media string, body []byte, err error) {
	media = strings.TrimSpace(d.get(mediaField))
	if media == "" {
		return "", nil, nil
	}
	if err := checkField(mediaField, "Content-Type", media); err != nil {
		return "", nil, err
	}
	kind, _, err := mime.ParseMediaType(media)
	if err != nil {
		return "", nil, refuse(mediaField, "%q is no media type", shorten(media, 60))
	}
	switch kind {
	case formMedia, multipartMedia:
		more, err := readQuery(moreFormField, d.get(moreFormField))
		if err != nil {
			return "", nil, err
		}
		fields := slices.Concat(d.below(formField), more)
		if kind == formMedia {
			return media, []byte(encodeQuery(fields)), nil
		}
		return d.multipart(fields)
	}
	if file, ok := d.Files[bodyFileField]; ok {
		return media, file.Content, nil
	}
	// Browsers send a text's line ends as CR LF.
	return media, []byte(strings.ReplaceAll(d.get(bodyField), "\r\n", "\n")), nil
}

// multipart writes fields and files as parts of a form.
func (d *draft) multipart(fields []pair) (media string, body []byte, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	files := make([]string, 0, len(d.Files))
	for name := range d.Files {
		if rest, ok := strings.CutPrefix(name, fileField); ok && rest != "" {
			files = append(files, rest)
		}
	}
	slices.Sort(files)
	if len(fields)+len(files) > maxParts {
		return "", nil, refuse(mediaField, "the form has more than %d parts", maxParts)
	}
	for _, f := range fields {
		// The writer escapes quotes and line ends of the name.
		if err := w.WriteField(f.Name, f.Value); err != nil {
			return "", nil, fmt.Errorf("writing a part of a form: %w", err)
		}
	}
	for _, name := range files {
		if err := writeFile(w, name, d.Files[fileField+name]); err != nil {
			return "", nil, err
		}
	}
	if err := w.Close(); err != nil {
		return "", nil, fmt.Errorf("ending a form: %w", err)
	}
	return w.FormDataContentType(), b.Bytes(), nil
}

// writeFile writes a file as a part. What browsers say of its type is passed on
// where it is one.
func writeFile(w *multipart.Writer, name string, file upload) error {
	media := file.Media
	if _, _, err := mime.ParseMediaType(media); err != nil || checkField(fileField+name, "Content-Type", media) != nil {
		media = "application/octet-stream"
	}
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", multipart.FileContentDisposition(name, file.Name))
	h.Set("Content-Type", media)
	part, err := w.CreatePart(h)
	if err == nil {
		_, err = part.Write(file.Content)
	}
	if err != nil {
		return fmt.Errorf("writing a file of a form: %w", err)
	}
	return nil
}
