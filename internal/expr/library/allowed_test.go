package library

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/expr/syntax"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// allowedList is Microsoft's list of the types and members that policies may use.
//
//go:embed testdata/allowed.json
var allowedList []byte

// allowed is the list: types with all their members, types with some, and what of the first is left out.
type allowed struct {
	All     []string            `json:"all"`
	Partial map[string][]string `json:"partial"`
	Without map[string][]string `json:"without"`
}

// The reasons for which a type exists that the list does not name.
const (
	language  = "the language has it: what a keyword, a lambda, an operator or a conversion stands for"
	signature = "the signature of a listed member has it"
	thrown    = "a listed member throws it, it is a base of what one throws, or vectors throw it"
	surface   = "it holds the extension methods of API Management that the list's page documents"
	vectors   = "vectors use it"
	documents = "public policy documents use it"
)

// beyond are the types that the list does not name.
var beyond = map[string]string{
	"System.Object": language, "System.ValueType": language, "System.Type": language, "System.Delegate": language,
	"System.IDisposable": language, "System.Collections.IEnumerable": language, "System.Collections.IEnumerator": language,
	"System.Action": language, "System.Action`1": language, "System.Action`2": language, "System.Action`3": language, "System.Action`4": language,
	"System.Action`5": language, "System.Action`6": language, "System.Action`7": language, "System.Action`8": language,
	"System.Func`1": language, "System.Func`2": language, "System.Func`3": language, "System.Func`4": language, "System.Func`5": language,
	"System.Func`6": language, "System.Func`7": language, "System.Func`8": language, "System.Func`9": language,

	"System.Base64FormattingOptions": signature, "System.Comparison`1": signature, "System.Converter`2": signature, "System.DayOfWeek": signature,
	"System.IComparable": signature, "System.IComparable`1": signature, "System.IConvertible": signature, "System.IEquatable`1": signature,
	"System.IFormatProvider": signature, "System.IFormattable": signature, "System.Predicate`1": signature, "System.TypeCode": signature,
	"System.Tuple`1": signature, "System.Tuple`2": signature, "System.Tuple`3": signature, "System.Tuple`4": signature,
	"System.Tuple`5": signature, "System.Tuple`6": signature, "System.Tuple`7": signature,
	"System.UriHostNameType": signature, "System.UriKind": signature,
	"System.Collections.Generic.IComparer`1": signature, "System.Collections.Generic.IEqualityComparer`1": signature,
	"System.Collections.Generic.IReadOnlyList`1": signature, "System.Collections.Generic.KeyCollection`2": signature,
	"System.Collections.Generic.ValueCollection`2": signature,
	"System.Globalization.DateTimeStyles":          signature, "System.Globalization.NumberStyles": signature,
	"System.Globalization.UnicodeCategory": signature,
	"System.Linq.IGrouping`2":              signature, "System.Linq.ILookup`2": signature, "System.Linq.IOrderedEnumerable`1": signature,
	"System.Net.Sockets.AddressFamily":                                                 signature,
	"System.Text.NormalizationForm":                                                    signature,
	"System.Text.RegularExpressions.MatchCollection":                                   signature,
	"System.Text.RegularExpressions.MatchEvaluator":                                    signature,
	"System.Xml.Linq.LoadOptions":                                                      signature,
	"System.Xml.Linq.SaveOptions":                                                      signature,
	"Newtonsoft.Json.Linq.IJEnumerable`1":                                              signature,
	"Newtonsoft.Json.Linq.JEnumerable`1":                                               signature,
	"Newtonsoft.Json.Linq.JTokenEqualityComparer":                                      signature,
	"Newtonsoft.Json.Linq.JsonMergeSettings":                                           signature,
	"Newtonsoft.Json.Linq.MergeNullValueHandling":                                      signature,
	"Newtonsoft.Json.Linq.MergeArrayHandling":                                          signature,
	"Microsoft.Azure.ApiManagement.CryptographyExtensions":                             surface,
	"System.Security.Cryptography.X509Certificates.ApiManagementCertificateExtensions": surface,

	"System.SystemException": thrown, "System.ArgumentException": thrown, "System.ArgumentNullException": thrown,
	"System.ArgumentOutOfRangeException": thrown, "System.ArithmeticException": thrown, "System.ArrayTypeMismatchException": thrown,
	"System.DivideByZeroException": thrown, "System.FormatException": thrown, "System.IndexOutOfRangeException": thrown,
	"System.InsufficientExecutionStackException": thrown, "System.InvalidCastException": thrown, "System.InvalidOperationException": thrown,
	"System.NotSupportedException": thrown, "System.NullReferenceException": thrown, "System.OverflowException": thrown,
	"System.TimeZoneNotFoundException": thrown, "System.InvalidTimeZoneException": thrown, "System.TimeoutException": thrown, "System.UriFormatException": thrown,
	"System.Collections.Generic.KeyNotFoundException": thrown, "System.Security.Cryptography.CryptographicException": thrown,
	"System.Text.RegularExpressions.RegexMatchTimeoutException": thrown, "System.Xml.XmlException": thrown,
	"Newtonsoft.Json.JsonException": thrown, "Newtonsoft.Json.JsonReaderException": thrown, "Newtonsoft.Json.JsonSerializationException": thrown,

	"System.Globalization.CultureInfo":                vectors,
	"System.Collections.Generic.CollectionExtensions": documents,
	"System.Security.Cryptography.RSACng":             documents,
}

// unlisted are the members that the list does not name, of types of which it names some or none. Vectors use each.
var unlisted = map[string][]string{
	"System.DateTime": {"ToUniversalTime", "ToLocalTime", "Kind", "TryParse", "ParseExact", "ToLongTimeString", "CompareTo", "FromBinary", "ToBinary",
		"ToFileTimeUtc"},
	"System.Enum":                                     {"IsDefined", "HasFlag"},
	"System.Type":                                     {"Name"},
	"System.Globalization.CultureInfo":                {"InvariantCulture"},
	"System.Text.RegularExpressions.Regex":            {"GetGroupNames"},
	"System.Collections.Generic.CollectionExtensions": {"GetValueOrDefault"},
	// These are API Management's own.
	"Apim.BasicAuthCredentials": {"Username"},
	"Apim.Authorization":        {"AccessToken"},
	"Apim.IUrl":                 {"ToUri"},
	"Apim.IVariables":           {"GetValueOrDefault"},
}

// TestAllowed checks both directions: each type and member that the list names exists, and whatever exists is on
// the list or here with its reason.
func TestAllowed(t *testing.T) {
	lib, err := New(value.Net)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range allowedFaults(t, lib) {
		t.Error(fault)
	}
}

// TestAllowed_NegativeControl checks that a type and a member that nobody listed are found.
func TestAllowed_NegativeControl(t *testing.T) {
	of := types.Func(func(*value.Call) (value.Value, *value.Exception) { return value.Nil, nil })
	extra := []types.Table{
		{Namespace: "System.IO", Decl: "static class File", Members: []types.Entry{{Sig: "static string ReadAllText(string path)", Impl: of}}},
		{Namespace: "System", Decl: "class NotImplementedException : SystemException"},
		{Namespace: "System", Decl: "enum Unasked", Members: []types.Entry{{Sig: "One"}}},
	}
	lib, err := types.New(append(tables(value.Net), extra)...)
	if err != nil {
		t.Fatal(err)
	}
	faults := strings.Join(allowedFaults(t, lib), "\n")
	for _, want := range []string{"System.IO.File: ", "System.NotImplementedException: ", "System.Unasked: "} {
		if !strings.Contains(faults, want) {
			t.Errorf("nothing says that there is %s%s", want, faults)
		}
	}
}

// TestUnlistedIsUsed checks that vectors use each unlisted member of .NET.
func TestUnlistedIsUsed(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "vectors", "expressions.jsonl"))
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("SKIPPED: ../shared is not beside the checkout")
	}
	used := map[string]bool{"System.Type.Name": bytes.Contains(data, []byte(`"System.Reflection.MemberInfo.Name"`))}
	for line := range bytes.Lines(data) {
		var v struct {
			Members []string `json:"off_allowlist"`
		}
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatal(err)
		}
		for _, m := range v.Members {
			used[m] = true
		}
	}
	for name, members := range unlisted {
		for _, m := range members {
			if !used[name+"."+m] && !strings.HasPrefix(name, "Apim.") {
				t.Errorf("no vector uses %s.%s", name, m)
			}
		}
	}
}

// allowedFaults compares a library with the list.
func allowedFaults(t *testing.T, lib *types.Library) []string {
	t.Helper()
	var list allowed
	if err := json.Unmarshal(allowedList, &list); err != nil {
		t.Fatal(err)
	}
	known := map[string]*types.Definition{}
	for _, d := range lib.Definitions() {
		known[d.FullName()] = d
	}
	faults := append(list.lacking(known), list.rotten(known)...)
	mentioned := mentions(known)
	for name, d := range known {
		faults = append(faults, list.extra(name, d, mentioned)...)
	}
	slices.Sort(faults)
	return faults
}

// lacking returns what the list names and the library lacks.
func (l *allowed) lacking(known map[string]*types.Definition) []string {
	var faults []string
	for _, name := range l.All {
		if known[name] == nil {
			faults = append(faults, name+": the list names it, and there is no such type")
		}
	}
	for name, members := range l.Partial {
		d := known[name]
		if d == nil {
			faults = append(faults, name+": the list names it, and there is no such type")
			continue
		}
		for _, m := range members {
			if !slices.ContainsFunc(d.Members, func(have *types.Member) bool { return listName(have) == m }) {
				faults = append(faults, name+": the list names "+m+", and there is no such member")
			}
		}
	}
	return faults
}

// rotten returns what stands in the tables of this file and is not in the library, or is on the list by now.
func (l *allowed) rotten(known map[string]*types.Definition) []string {
	var faults []string
	for name := range beyond {
		if known[name] == nil || l.names(name) {
			faults = append(faults, name+": the test has a reason for it, and needs none")
		}
	}
	for name, members := range unlisted {
		for _, m := range members {
			d := known[name]
			if d == nil || !slices.ContainsFunc(d.Members, func(have *types.Member) bool { return have.Name == m && have.Unlisted }) {
				faults = append(faults, name+": the test allows "+m+", and there is no such member that is marked as unlisted")
			}
		}
	}
	return faults
}

// names reports whether the list has a type.
func (l *allowed) names(name string) bool {
	_, partial := l.Partial[name]
	return partial || slices.Contains(l.All, name)
}

// extra returns what a type has that nothing allows.
func (l *allowed) extra(name string, d *types.Definition, mentioned map[*types.Definition]bool) []string {
	reason := beyond[name]
	switch {
	case l.names(name), d.Namespace == "Apim", d.Hidden, reason != "" && reason != signature && reason != thrown:
	case reason == "":
		return []string{name + ": nothing names this type"}
	case reason == signature && !mentioned[d]:
		return []string{name + ": no signature has this type"}
	case reason == thrown && !d.Self().AssignableTo(exceptionOf(d)):
		return []string{name + ": nobody can throw it"}
	}
	var faults []string
	for _, m := range d.Members {
		if !l.allows(name, reason, m) {
			faults = append(faults, name+": nothing names its member "+m.Text)
		}
	}
	return faults
}

// allows reports whether a member may exist. Operators and what every object has are the language's.
func (l *allowed) allows(name, reason string, m *types.Member) bool {
	if slices.Contains(l.Without[name], m.Name) || len(m.Params) == 0 && slices.Contains(l.Without[name], m.Name+"()") {
		return false
	}
	if m.Unlisted {
		return slices.Contains(unlisted[name], m.Name)
	}
	switch m.Kind {
	case syntax.OperatorMember, syntax.ConversionMember:
		return true
	}
	some, partial := l.Partial[name]
	switch {
	case m.Unnamed, slices.Contains([]string{"Equals", "ReferenceEquals", "GetHashCode", "GetType", "ToString"}, m.Name):
		return true
	case partial:
		return slices.Contains(some, listName(m))
	}
	return reason != vectors && reason != documents && name != "System.Type"
}

// listName is a member's name as the list has it.
func listName(m *types.Member) string {
	if m.Name == "this" {
		return "Item"
	}
	return m.Name
}

func exceptionOf(d *types.Definition) *types.Type {
	t := d.Self()
	for t.Base() != nil && t.FullName() != "System.Exception" {
		t = t.Base()
	}
	return t
}

// mentions are the types in the signatures of the members of other types, and among their bases and interfaces.
func mentions(known map[string]*types.Definition) map[*types.Definition]bool {
	seen := map[*types.Definition]bool{}
	var mention func(t *types.Type, by *types.Definition)
	mention = func(t *types.Type, by *types.Definition) {
		if t == nil {
			return
		}
		if t.Def != nil && t.Def != by {
			seen[t.Def] = true
		}
		mention(t.Elem, by)
		if t.Kind != types.Param {
			for _, a := range t.Args {
				mention(a, by)
			}
		}
	}
	for _, d := range known {
		mention(d.Base, d)
		for _, i := range d.Interfaces {
			mention(i, d)
		}
		for _, m := range d.Members {
			mention(m.Result, d)
			for _, p := range m.Params {
				mention(p.Type, d)
			}
		}
	}
	return seen
}
