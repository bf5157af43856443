package page

import (
	"io/fs"
	"slices"
	"time"
)

// Visitor is who sent a request.
type Visitor struct {
	// User is the name of the user's resource, "ann" of users/ann; "" for a guest.
	User string
	// Name is what the user is called on pages, and Email the address.
	Name, Email string
	// Session names the session: the id under users/{u}/sallyportSessions.
	Session string
	// Groups are the names of the visitor's groups: "guests" for guests,
	// "developers", "administrators", and custom ones.
	Groups []string
	// Admin says that the visitor is an administrator.
	Admin bool
}

// SignedIn says that the visitor is a user and not a guest.
func (v Visitor) SignedIn() bool { return v.User != "" }

// In says whether the visitor is in a group.
func (v Visitor) In(group string) bool { return slices.Contains(v.Groups, group) }

// Guest is the visitor of whom nothing is known.
func Guest() Visitor { return Visitor{Groups: []string{"guests"}} }

// Link is a text that leads to a path of the portal, or to an address elsewhere.
type Link struct{ Text, Path string }

// Page is what Exchange.Render shows in the layout.
type Page struct {
	// Title is the page's own title, without the portal's name.
	Title string
	// Section marks the navigation's entry that the page belongs to, by the first
	// part of its path: "apis". Where it is empty, the path of the request does.
	Section string
	// Template is the name of one of the section's templates: the file
	// "list.html" is "list", and what {{define}} names is that. It is executed
	// with a *View, in which Data is this page's Data.
	Template string
	Data     any
	// Crumbs are the pages above this one, from the top; the page itself is added.
	Crumbs []Link
	// Modules are the ES modules and Styles the style sheets that the page needs
	// besides the frame's: names of files in the section's Assets ("search.js"),
	// or in another's, with its name before ("vendor/uplot.css").
	Modules, Styles []string
	// Description is the page's summary for search engines.
	Description string
	// Look is shown in place of the portal's, for the preview of another; nil is the
	// portal's.
	Look *Look
	// Wide lets the page use the whole width of the window.
	Wide bool
}

// Notice is the code of a message of a section that is shown on the page to
// which Exchange.Redirect leads: "subscribed". Codes that begin with "warn-" are
// shown as warnings, and with "fail-" as errors.
type Notice string

// Problem is what is wrong with a form. Field is the name of the field, or "" for
// the form as a whole; Text is a sentence that says what to do.
type Problem struct{ Field, Text string }

// Access is what a route wants of its visitors.
type Access int

// Who may use a route.
const (
	// Anyone may, guests too.
	Anyone Access = iota
	// SignedIn wants a user; guests are led to sign in first.
	SignedIn
	// Administrator wants an administrator.
	Administrator
)

// String is the access in a word.
func (a Access) String() string {
	switch a {
	case SignedIn:
		return "signed in"
	case Administrator:
		return "administrator"
	default:
		return "anyone"
	}
}

// Limit bounds how often a route may be used: Events in Per, for each address of
// a client, and, where Field is set, also for each value of that field of the
// form. All events may come at once. Routes with limits of one name share them.
type Limit struct {
	Name   string
	Events int
	Per    time.Duration
	Field  string
}

// Section is a part of the portal: pages of one subject with what they need.
type Section struct {
	// Name is unique, and the folder of the section's assets.
	Name   string
	Routes []Route
	// Templates holds *.html files of html/template; nil is none. The frame's
	// partials and functions can be used in them.
	Templates fs.FS
	// Assets holds style sheets, modules, pictures and fonts; nil is none.
	Assets fs.FS
	// Notices are the sentences of the section's notices.
	Notices map[Notice]string
}

// Route is one kind of request that a section answers.
type Route struct {
	// Pattern is one of net/http's ServeMux, with the method: "GET /apis/{api}".
	Pattern string
	Needs   Access
	// Run answers. What it returns as an error becomes a page; doc.go says which.
	Run func(*Exchange) error
	// Limit is nil where the route has none of its own.
	Limit *Limit
	// MaxBody bounds the request's body in bytes; DefaultMaxBody where it is zero.
	MaxBody int64
	// Streams says that Run reads the body and writes the answer itself, for as
	// long as StreamLife. The token against forgery is then taken from the header
	// X-CSRF-Token, and Form is empty.
	Streams bool
	// Entrance says that guests may use the route even where the portal shows them
	// nothing else: it leads to signing in, or its look needs it.
	Entrance bool
}
