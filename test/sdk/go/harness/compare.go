package harness

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// volatile are the fields, in lower case, whose values belong to one run: what
// is generated, counted or depends on where it runs.
var volatile = []string{
	"etag", "count", "nextlink", "link", "primarykey", "secondarykey", "thumbprint", "subject",
	"createdat", "lastmodifiedat", "createdby", "lastmodifiedby",
}

// compare lists where the answer has not what was expected. The answer may have
// more: fields that are newer than the example, and elements that every service
// has.
func compare(want, got map[string]any) []string {
	var faults []string
	object("", want, got, &faults)
	return faults
}

func value(path string, want, got any, faults *[]string) {
	switch w := want.(type) {
	case nil:
		return
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			fault(faults, path, want, got)
			return
		}
		object(path, w, g, faults)
	case []any:
		g, ok := got.([]any)
		if !ok && len(w) > 0 {
			fault(faults, path, want, got)
			return
		}
		list(path, w, g, faults)
	default:
		if !same(path, want, got) {
			fault(faults, path, want, got)
		}
	}
}

func object(path string, want, got map[string]any, faults *[]string) {
	for name, w := range want {
		if slices.Contains(volatile, strings.ToLower(name)) {
			continue
		}
		value(path+"."+name, w, got[name], faults)
	}
}

// list compares elements by their names, where they have some, else as sets.
func list(path string, want, got []any, faults *[]string) {
	for i, w := range want {
		at := fmt.Sprintf("%s[%d]", path, i)
		best := []string{at + ": is missing"}
		for _, g := range got {
			var found []string
			value(at, w, g, &found)
			if len(found) == 0 {
				best = nil
				break
			}
			if sameName(w, g) {
				best = found
			}
		}
		*faults = append(*faults, best...)
	}
}

// sameName says whether two elements are the same resource.
func sameName(a, b any) bool {
	x, ok := a.(map[string]any)
	y, also := b.(map[string]any)
	return ok && also && x["name"] != nil && x["name"] == y["name"]
}

// same compares two plain values.
func same(path string, want, got any) bool {
	w, ok := want.(string)
	g, also := got.(string)
	if !ok || !also {
		return want == got
	}
	switch {
	case w == g:
		return true
	case strings.HasPrefix(w, "/"):
		return sameID(w, g)
	case strings.HasSuffix(path, ".type"), strings.HasSuffix(path, ".location"):
		return strings.EqualFold(w, g)
	}
	a, err := time.Parse(time.RFC3339, w)
	b, also2 := time.Parse(time.RFC3339, g)
	if err == nil && also2 == nil {
		return a.Equal(b) || generated(path)
	}
	return false
}

// generated says whether a time is one that the service sets.
func generated(path string) bool {
	name := strings.ToLower(path[strings.LastIndexByte(path, '.')+1:])
	return slices.Contains([]string{
		"createddate", "createddatetime", "updateddatetime", "registrationdate", "createdatutc", "startdate",
		"scheduledpurgedate", "deletiondate", "timestamp", "laststatuschange", "lastupdated", "started", "updated",
		"syncdate", "configurationchangedate", "statuschangedate", "createdat", "lastmodifiedat", "expirationdate",
	}, name)
}

// sameID compares resource ids below their services, without regard to case: the
// examples come from many services. A relative id is the same as the whole.
func sameID(want, got string) bool {
	return strings.EqualFold(below(want), below(got))
}

func below(id string) string {
	if service, segments := split(id); service != "" {
		if len(segments) == 0 {
			return "service"
		}
		return "/" + strings.Join(segments, "/")
	}
	return id
}

func fault(faults *[]string, path string, want, got any) {
	*faults = append(*faults, fmt.Sprintf("%s: want %s, got %s", path, short(encode(want), 300), short(encode(got), 300)))
}

func lines(faults []string) string {
	slices.Sort(faults)
	return "  " + strings.Join(faults, "\n  ")
}
