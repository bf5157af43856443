package desync

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
)

// fate is what became of a connection.
type fate struct {
	seen     []string
	statuses []int  // the final ones
	refusal  string // what the engine's own answer says, where it has given one
}

// fateOf sends text to an engine, ends the direction, and takes what comes.
func fateOf(h *hall, w *witness, text string) (f fate) {
	c := h.dial()
	_, _ = c.Write([]byte(text))
	_ = c.CloseWrite()
	var received strings.Builder
	for ended := false; !ended; {
		var part string
		var ok bool
		part, ended, ok = c.settle()
		received.WriteString(part)
		ended = ended || !ok
	}
	_ = c.Close()
	f.seen = w.take(c.local.(*net.TCPAddr).AddrPort())
	rest := received.String()
	for rest != "" {
		if after, ok := strings.CutPrefix(rest, "HTTP/1.0 "); ok {
			rest = "HTTP/1.1 " + after // net/http answers HTTP/1.0 with HTTP/1.0.
		}
		a, after, err := readAnswer(rest, func(*answer) string {
			if i := len(f.statuses); i < len(f.seen) {
				method, _, _ := strings.Cut(f.seen[i], " ")
				return method
			}
			return ""
		})
		if err != nil {
			f.refusal = fmt.Sprintf("unreadable: %v", err)
			return f
		}
		rest = after
		if a.status < 200 {
			continue
		}
		if f.statuses = append(f.statuses, a.status); len(f.statuses) > len(f.seen) {
			f.refusal = a.body
		}
	}
	return f
}

// difference says in which class two fates differ; empty where they do not.
func difference(own, reference *fate) string {
	for i := range max(len(own.statuses), len(reference.statuses)) {
		switch {
		case i >= len(own.statuses) && reference.statuses[i] == 400:
			return "closed, by net/http with 400"
		case i >= len(own.statuses):
			return "only net/http goes on"
		case i >= len(reference.statuses):
			return "only net/http ends: " + reference.refusal
		}
		mine, theirs := i < len(own.seen), i < len(reference.seen)
		switch {
		case mine && theirs && own.seen[i] == reference.seen[i]:
			continue
		case !mine && own.statuses[i] == 200, theirs && strings.Contains(reference.seen[i], " *\n"):
			return "OPTIONS *"
		case mine && theirs:
			return differentlySeen(own.seen[i], reference.seen[i])
		case mine:
			return "refused by net/http: " + reference.refusal
		case theirs:
			return "refused: " + reasonOf(own.refusal)
		case own.statuses[i] == reference.statuses[i]:
			return "" // Both refuse, and end.
		}
		return "refused with another status"
	}
	return ""
}

// reasonOf returns what a refusal says.
func reasonOf(body string) string {
	_, reason, _ := strings.Cut(body, ": ")
	_, reason, _ = strings.Cut(reason, ": ")
	_, reason, _ = strings.Cut(reason, ": ")
	return strings.TrimSuffix(reason, `." }`)
}

// differentlySeen says in what two readings of one request differ.
func differentlySeen(own, reference string) string {
	_, mine, broken := strings.Cut(own, bodyFailed)
	_, theirs, theirBroken := strings.Cut(reference, bodyFailed)
	switch {
	case broken && theirBroken:
		return "" // Both find the body malformed.
	case broken:
		_, mine, _ = strings.Cut(mine, "client: ")
		mine, _, _ = strings.Cut(mine, ":")
		return "body refused: " + mine
	case theirBroken:
		return "body refused by net/http: " + theirs
	}
	// Line, fields, an empty line, trailer, an empty line, body.
	parts := [2][]string{strings.SplitN(own, "\n", 2), strings.SplitN(reference, "\n", 2)}
	words := [2][]string{strings.Split(parts[0][0], " "), strings.Split(parts[1][0], " ")}
	if words[1][1] == "" && words[0][0] == words[1][0] {
		return "no authority"
	}
	for i, what := range []string{"the method", "the authority", "the target"} {
		if words[0][i] != words[1][i] {
			return what
		}
	}
	if mine, theirs := strings.Split(own, "\n\n"), strings.Split(reference, "\n\n"); mine[0] != theirs[0] {
		return "the fields"
	}
	if own[strings.LastIndexByte(own, '\n'):] != reference[strings.LastIndexByte(reference, '\n'):] {
		return "the body"
	}
	return "the trailer"
}

// explained are the classes of differences, each with its reason: the table of
// decision 0065.
var explained = map[string]string{
	"OPTIONS *":                    "it is about the server, and the server answers it",
	"closed, by net/http with 400": "an answer of HTTP says nothing to who does not speak it",
	"no authority":                 "HTTP/1.0 need not name one: the gateway takes the address that was called",
	"the target":                   "what a query cannot hold is escaped",
	"the trailer":                  "fields that route or authenticate are left out of it; those that are announced are known before they come",
	"only net/http ends: ":         "net/http looks for keep-alive in the first Connection field of HTTP/1.0 only",
	"only net/http goes on":        "as above",
	"refused: a carriage return stands inside a line":                             "net/http passes over it behind a POST",
	"refused by net/http: 400 Bad Request":                                        "one empty line before a request is passed over (RFC 9112 §2.2); a path is judged by matching; a trailer may announce what it then may not bring",
	"refused by net/http: ":                                                       "HTTP/1.0 has no expectations (RFC 9110 §10.1.1)",
	"refused with another status":                                                 "the first thing that is wrong decides, and what it is has a status of its own",
	"refused: HTTP/1.0 has no Transfer-Encoding":                                  "who does not know it would find another end (RFC 9112 §6.1)",
	"refused: a field is continued on another line":                               "a folded field is two fields for others",
	"refused: a field is too long (MaxFieldBytes)":                                "a limit of ours",
	"refused: a field name with an underscore looks like another with a hyphen":   "CGI and its descendants read both alike",
	"refused: a line ends without a carriage return":                              "it ends elsewhere for others",
	"refused: the Connection field is malformed":                                  "it says what is not to be passed on",
	"refused: the Content-Length is malformed or repeated":                        "one length, once",
	"refused: the Host field differs from the request target":                     "whom it is for could be read in two ways",
	"refused: the Host field is malformed":                                        "it decides which API is called",
	"refused: the Host field is missing":                                          "an empty one is none",
	"refused: the head has too many fields (MaxFields)":                           "a limit of ours",
	"refused: the method is longer than any that is implemented (MaxMethodBytes)": "a limit of ours",
	"refused: the method is not allowed":                                          "CONNECT and TRACE are not for gateways",
	"refused: the only expectation that is met is 100-continue":                   "one that is passed on would be answered for by nobody",
	"refused: the request line is malformed":                                      "more than one empty line before a request, which net/http passes over behind a POST",
	"refused: the request target is malformed":                                    "a fragment, another scheme, the form of an authority",
	"refused: the request target is too long (MaxTargetBytes)":                    "a limit of ours",
	"refused: there are Content-Length and Transfer-Encoding":                     "the end could be read in two ways",
	"body refused: BareLineFeed":                                                  "it ends elsewhere for others",
	"body refused: ChunkExtension":                                                "extensions are checked, though they are not passed on",
	"body refused: ChunkSize":                                                     "a size has a bound on its digits",
	"body refused: FieldName":                                                     "a name that is no token",
	"body refused: MaxChunkLineBytes":                                             "a limit of ours",
	"body refused: MaxExtensionBytes":                                             "a limit of ours",
	"body refused: MaxTrailerBytes":                                               "a limit of ours",
	"body refused: ObsFold":                                                       "a folded field is two fields for others",
	"body refused: TrailerField":                                                  "a trailer cannot frame, route or authenticate",
	"body refused by net/http: reading the body: invalid byte in chunk length":    "white space before an extension is BWS (RFC 9112 §7.1.1)",
}

// TestDifferential sends valid and invalid requests to the gateway's own engine
// and to net/http, behind the same contract. Where they differ, a class of
// decision 0065 says why.
func TestDifferential(t *testing.T) {
	one, other := &witness{seen: map[netip.AddrPort][]string{}}, &witness{seen: map[netip.AddrPort][]string{}}
	own, reference := ownEngine(t, one), referenceEngine(t, other)
	// Two that chance seldom finds.
	texts := append(vectors(t), "GET /a HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", "POST /a HTTP/1.1\r\nHost: a\r\n\r\n\r")
	r := rand.New(rand.NewPCG(seed, 2))
	for range requests(t, 4000) {
		texts = append(texts, mutant(r))
	}
	classes := map[string]int{}
	for i, text := range texts {
		text += canary(i)
		a, b := fateOf(own, one, text), fateOf(reference, other, text)
		class := difference(&a, &b)
		if classes[class]++; class != "" && explained[class] == "" && classes[class] < 3 {
			t.Errorf("%s: %.500q\nown: %.300q\nnet/http: %.300q", class, text, fmt.Sprint(a), fmt.Sprint(b))
		}
	}
	for _, c := range slices.Sorted(maps.Keys(explained)) {
		if t.Logf("%6d %s", classes[c], c); classes[c] == 0 {
			t.Errorf("nothing differs for %q: the table is out of date", c)
		}
	}
	sameAsRecord(t)
	t.Logf("%d of %d were read alike", classes[""], len(texts))
}

// sameAsRecord wants the table of the decision record to be that of the test.
func sameAsRecord(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile("../../../docs/decisions/0065-three-must-understand-the-same.md")
	if err != nil {
		t.Fatal(err)
	}
	for class, why := range explained {
		row := "| " + strings.TrimSuffix(class, ": ") + " | " + why + " |\n"
		if !strings.Contains(string(text), row) {
			t.Errorf("decision 0065 has no row %q", row)
		}
	}
	if rows := strings.Count(string(text), "\n| ") - 1; rows != len(explained) {
		t.Errorf("decision 0065 has %d classes, the test %d", rows, len(explained))
	}
}
