package place

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/sallyport/sallyport/internal/clock"
)

// maxURLLength bounds the URL of a place, in bytes.
const maxURLLength = 2048

// Forms says what a place can be, for the help of commands.
const Forms = "a folder, file://FOLDER, s3://BUCKET/PATH, azblob://CONTAINER/PATH or gs://BUCKET/PATH"

// scheme is what is known of one kind of place.
type scheme struct {
	// bucket is what its names look like.
	bucket *regexp.Regexp
	// parameters are those that its URLs may have.
	parameters []string
	// hint says where it finds its credentials.
	hint string
}

// schemes are the kinds of places in clouds.
var schemes = map[string]scheme{
	"s3": {
		bucket: regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`),
		parameters: []string{
			"region", "endpoint", "use_path_style", "disable_https", "profile", "role", "ssetype", "kmskeyid",
			"dualstack", "fips", "request_checksum_calculation", "response_checksum_validation",
		},
		hint: "credentials are taken from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ~/.aws, or the role of the machine, " +
			"and the region from AWS_REGION or ?region=; they need s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket",
	},
	"azblob": {
		bucket:     regexp.MustCompile(`^(\$root|[a-z0-9](-?[a-z0-9]){2,62})$`),
		parameters: []string{"storage_account", "domain", "protocol", "localemu"},
		hint: "the account is taken from AZURE_STORAGE_ACCOUNT or ?storage_account=, and credentials from AZURE_STORAGE_KEY, " +
			"AZURE_STORAGE_SAS_TOKEN, AZURE_STORAGE_CONNECTION_STRING, or the identity of the machine, which needs the role " +
			"Storage Blob Data Contributor",
	},
	"gs": {
		bucket: regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$`),
		hint: "credentials are taken from GOOGLE_APPLICATION_CREDENTIALS, gcloud auth application-default login, or the service " +
			"account of the machine, which needs the role Storage Object Admin of the bucket",
	},
}

// address is a URL of a place, taken apart.
type address struct {
	scheme string // "file" or a key of schemes.
	// root is the folder, or the bucket; below is the path in the bucket.
	root, below string
	query       url.Values
}

// String is the address without its parameters, which may name accounts.
func (a address) String() string {
	if a.scheme == "file" {
		return a.root
	}
	return strings.TrimSuffix(a.scheme+"://"+a.root+"/"+a.below, "/")
}

// Check says why a text is not the URL of a place; nil where it is one.
func Check(at string) error {
	_, err := parse(at)
	return err
}

// IsFolder reports whether the text names a folder, or a file, of this machine.
func IsFolder(at string) bool {
	a, err := parse(at)
	return err == nil && a.scheme == "file"
}

// Open opens the place at a URL; see Forms. It does not look whether anything is
// there: the first use does.
func Open(ctx context.Context, at string, c clock.Clock) (*Place, error) {
	a, err := parse(at)
	if err != nil {
		return nil, err
	}
	b, err := open(ctx, a, c)
	if err != nil {
		return nil, fmt.Errorf("opening the place %s: %w", a, err)
	}
	p := New(b, a.String(), c)
	if a.below != "" {
		p.below = a.below + "/"
	}
	return p, nil
}

func open(ctx context.Context, a address, c clock.Clock) (Bucket, error) {
	hint := schemes[a.scheme].hint
	switch a.scheme {
	case "file":
		return openFolder(a.root, c.Now())
	case "gs":
		return openGoogle(ctx, a.root, hint)
	default:
		return openCloud(ctx, &url.URL{Scheme: a.scheme, Host: a.root, RawQuery: a.query.Encode()}, hint)
	}
}

// parse takes the URL of a place apart, and refuses what is none.
func parse(at string) (address, error) {
	if at == "" || len(at) > maxURLLength || strings.ContainsFunc(at, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return address{}, fmt.Errorf("the place has to be %s, of at most %d bytes: %w", Forms, maxURLLength, ErrInvalid)
	}
	if !strings.Contains(at, "://") {
		if strings.HasPrefix(at, "file:") {
			return address{}, fmt.Errorf("%q is not the URL of a folder: write file:///FOLDER, or the folder alone: %w", at, ErrInvalid)
		}
		return address{scheme: "file", root: filepath.Clean(at)}, nil
	}
	u, err := url.Parse(at)
	if err != nil {
		// The error of Parse quotes the URL, which may hold a password.
		return address{}, fmt.Errorf("the place is not a URL: give %s: %w", Forms, ErrInvalid)
	}
	if u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return address{}, fmt.Errorf("the URL of a place has no user, password or fragment; %s: %w",
			"give credentials in the environment", ErrInvalid)
	}
	if u.Scheme == "file" {
		return parseFile(u)
	}
	return parseCloud(u)
}

// parseFile reads file:///absolute and file://./relative.
func parseFile(u *url.URL) (address, error) {
	switch {
	case u.RawQuery != "":
		return address{}, fmt.Errorf("the URL of a folder has no parameters: %w", ErrInvalid)
	case u.Host == "" || u.Host == "localhost":
		if u.Path == "" {
			return address{}, fmt.Errorf("file:// names no folder: write file:///FOLDER: %w", ErrInvalid)
		}
		return address{scheme: "file", root: filepath.Clean(filepath.FromSlash(u.Path))}, nil
	case u.Host == "." || u.Host == "..":
		return address{scheme: "file", root: filepath.Clean(filepath.FromSlash(u.Host + u.Path))}, nil
	}
	return address{}, fmt.Errorf("file://%s names another machine: write file:///FOLDER, with three slashes, or file://./FOLDER: %w",
		u.Host, ErrInvalid)
}

// parseCloud reads scheme://bucket/path?parameters.
func parseCloud(u *url.URL) (address, error) {
	known, ok := schemes[u.Scheme]
	if !ok {
		return address{}, fmt.Errorf("%s:// is no kind of place: give %s: %w", u.Scheme, Forms, ErrInvalid)
	}
	if !known.bucket.MatchString(u.Host) {
		return address{}, fmt.Errorf("%q is not the name of a bucket or container of %s://: %w", u.Host, u.Scheme, ErrInvalid)
	}
	a := address{scheme: u.Scheme, root: u.Host, below: strings.Trim(u.Path, "/")}
	if a.below != "" {
		if err := CheckName(a.below); err != nil {
			return address{}, fmt.Errorf("the path in %s: %w", u.Host, err)
		}
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return address{}, fmt.Errorf("the parameters of the place cannot be read: %w", ErrInvalid)
	}
	a.query = query
	return a, known.check(query)
}

// check refuses parameters that are unknown or given twice.
func (s scheme) check(query url.Values) error {
	for name, values := range query {
		known := false
		for _, p := range s.parameters {
			known = known || p == name
		}
		if !known || len(values) != 1 {
			if len(s.parameters) == 0 {
				return fmt.Errorf("the place has no parameters: %w", ErrInvalid)
			}
			return fmt.Errorf("%q is not a parameter of the place, or is given twice; there are %s: %w",
				name, strings.Join(s.parameters, ", "), ErrInvalid)
		}
	}
	if endpoint := query.Get("endpoint"); endpoint != "" {
		if e, err := url.Parse(endpoint); err != nil || e.Host == "" || e.User != nil || (e.Scheme != "https" && e.Scheme != "http") {
			return fmt.Errorf("the endpoint has to be a URL such as https://minio.example.com:9000: %w", ErrInvalid)
		}
	}
	return nil
}
