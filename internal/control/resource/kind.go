package resource

import (
	"github.com/sallyport/sallyport/internal/control/access"
)

// Verbs is a set of the methods that a kind of resource has.
type Verbs uint8

// The methods. Head goes with Get.
const (
	List Verbs = 1 << iota
	Get
	Put
	Patch
	Delete

	// All is what most kinds have.
	All = List | Get | Put | Patch | Delete
	// NoPatch is for kinds that are replaced only.
	NoPatch = List | Get | Put | Delete
	// ReadOnly is for what the service itself makes.
	ReadOnly = List | Get
	// NoVerbs is for what has actions only.
	NoVerbs Verbs = 1 << 7
)

// Has reports whether the set has the verb.
func (v Verbs) Has(verb Verbs) bool { return v&verb != 0 }

// Kind says everything about one kind of resource. The zero value of a field is
// what most kinds want.
type Kind struct {
	// Collection is the segment of the path: "namedValues".
	Collection string
	// Title is what errors call it: "NamedValue".
	Title string
	// Names, where it is not nil, are the only names that resources of this kind
	// may have, as "policy" and "delegation". MaxName bounds other names, in
	// characters (80 where it is 0).
	Names   []string
	MaxName int

	// Verbs are its methods; All where it is 0.
	Verbs Verbs
	// Contract, Create and Update name the models of what is answered, and of the
	// bodies of PUT and PATCH. Create is Contract, and Update is Create, where
	// they are empty. NoBody says that PUT takes none, as links by name do.
	Contract, Create, Update string
	NoBody                   bool
	// HeadOnly kinds answer HEAD and have no GET of one resource: links.
	HeadOnly bool
	// Filter names the list whose fields $filter may use ("" for none):
	// "APIClientListByService".
	Filter string
	// Unpaged says that lists have no $top and $skip.
	Unpaged bool
	// Hidden are fields that are kept and never answered, beside Secrets.
	Hidden []string
	// Secrets are the fields that are sealed in the store.
	Secrets []Secret
	// Keep are the fields which a PUT that does not give them leaves as they were.
	Keep []string
	// Stamps are the fields that Prepare sets at each write, as the time of it: a
	// configuration folder that changes nothing else changes nothing.
	Stamps []string
	// LongRunning are the verbs that the API defines as long-running operations.
	LongRunning Verbs
	// Statuses are those of answers that are not as usual.
	Statuses Statuses
	// Internal kinds are kept, and no path of the API leads to them or below.
	Internal bool
	// Live kinds say what happens and not how something is configured, as the
	// sessions of users do: taking a service back to a revision leaves them, and
	// what is below them, as they are.
	Live bool
	// Permanent resources always exist: a GET of one that was never written gives
	// Default's, and DELETE resets it.
	Permanent bool

	Hooks

	// Actions are the POST routes of one resource.
	Actions []Action
	// Reads are GET routes below one resource that are not collections of kinds.
	Reads []Action
	// Children are the kinds below this one.
	Children []*Node
}

// Statuses are the statuses of answers; 0 is as usual.
type Statuses struct {
	// Put is that of a PUT, usually 201 of a new resource and 200 of others; Patch
	// that of a PATCH, usually 200; Head that of a HEAD, usually 200, and 204 of
	// kinds with NoBody.
	Put, Patch, Head int
}

// Secret is a field that is sealed in the store.
type Secret struct {
	// Path leads to the field, with "*" for every element of an object or a list:
	// "properties.credentials.header.*". Strings below it are sealed.
	Path string
	// When, where it is not nil, says whether the field of this body is a secret.
	When func(body map[string]any) bool
	// Shown secrets are answered to those who may read the resource.
	Shown bool
}

// Hooks are what a kind does beyond keeping bodies. All run in the transaction
// of the request; those of reads must not write. Each may be nil.
type Hooks struct {
	// Default gives the body of a resource that was never written, of Permanent
	// kinds.
	Default func(s *Session, id ID) (map[string]any, error)
	// Find says under which id a resource is kept, where a name is an alias.
	Find func(s *Session, id ID) (ID, error)
	// Load gives a resource that is computed, or is kept elsewhere; nil where
	// there is none of that name.
	Load func(s *Session, id ID) (*Entity, error)
	// Prepare completes and checks what is about to be kept; old is nil where the
	// resource is new. It may change e.Body.
	Prepare func(s *Session, e, old *Entity) error
	// Written runs after the entity was written: what else has to change.
	Written func(s *Session, e, old *Entity) error
	// Deleting runs before the resource and everything below it goes: it refuses,
	// or removes what refers to it.
	Deleting func(s *Session, e *Entity) error
	// Present completes the body that is about to be answered, which is a copy.
	Present func(s *Session, e *Entity) error
	// Target gives the entity that stands in a list (and in the answer of a PUT)
	// in place of a link, as the API in place of products/p/apis/a. nil leaves it
	// out.
	Target func(s *Session, link *Entity) (*Entity, error)
	// Items gives the elements of a list that is computed, in order.
	Items func(s *Session, collection ID) ([]*Entity, error)
	// Indexed are the properties that lists are filtered by, of kinds whose
	// collections may have very many resources: see Indexes. Present must not change
	// them. Of kinds that have none of them, an empty list indexes the names.
	Indexed []string
	// Sources are the indexed collections that a list with Items or Target is made
	// of: a page of it is then found without them. ok is false where it is not.
	Sources func(s *Session, collection ID) (sources []Source, ok bool, err error)
	// Alternate answers a GET in another way, as an export; ok is false where the
	// entity itself is asked for.
	Alternate func(s *Session, e *Entity) (result Result, ok bool, err error)
	// Listed says whether a stored resource stands in lists.
	Listed func(s *Session, e *Entity) (bool, error)
	// ListedBy is the query parameter, in lower case, without which Listed need
	// not be asked; "" where it always is.
	ListedBy string
}

// Action is a route of one resource beside the verbs.
type Action struct {
	// Path is what follows the resource's path: "listSecrets",
	// "git/regeneratePrimaryKey".
	Path string
	// Permission is the action in the words of access. Reads need the kind's read
	// permission, and have none.
	Permission access.Action
	// Body names the model of the body; "" where none is read.
	Body string
	// Writes says that Run changes the store.
	Writes bool
	// LongRunning says that the API defines a long-running operation.
	LongRunning bool
	// Missing says that the resource itself need not exist.
	Missing bool
	// Run does it. The answer has no body where the result's Body is nil.
	Run func(s *Session, e *Entity, in Input) (Result, error)
}

// Input is what an action is called with.
type Input struct {
	// ID is the resource's id.
	ID ID
	// Body is the checked body, or nil.
	Body map[string]any
}

// Result is what an action answers.
type Result struct {
	// Status is 200 where it is 0, and Body is there; 204 without one.
	Status int
	// Body is encoded as JSON.
	Body any
	// Items, where they are not nil, are answered as a paged list.
	Items []*Entity
	// Filter names the list whose fields $filter may use on Items. Filtered says
	// that they are what $filter has left.
	Filter   string
	Filtered bool
	// ETag is the entity's version, where there is one.
	ETag string
}

// Node is a kind with the permissions of its routes. Only New makes one, so no
// route is without a permission.
type Node struct {
	Kind
	rule access.Type
}

// New joins a kind and the permissions that its routes need.
func New(rule access.Type, k Kind) *Node {
	if k.Verbs == 0 {
		k.Verbs = All
	}
	if k.Create == "" {
		k.Create = k.Contract
	}
	if k.Update == "" {
		k.Update = k.Create
	}
	if k.MaxName == 0 {
		k.MaxName = defaultMaxName
	}
	return &Node{Kind: k, rule: rule}
}

// defaultMaxName is the length of names, in characters, where a kind has no
// other.
const defaultMaxName = 80

// Permission is what a verb on the resource, or on the collection, needs.
func (n *Node) Permission(verb Verbs, id ID) access.Permission {
	rule := n.ruleAt(id)
	switch verb {
	case Put, Patch:
		return rule.Write()
	case Delete:
		return rule.Delete()
	default:
		return rule.Read()
	}
}

// ActionPermission is what one of the kind's Actions needs.
func (n *Node) ActionPermission(a *Action, id ID) access.Permission {
	return n.ruleAt(id).Action(a.Permission)
}

func (n *Node) ruleAt(id ID) access.Type {
	w := id.Workspace()
	if w == "" || len(w) == len(id) {
		return n.rule
	}
	return n.rule.InWorkspace()
}
