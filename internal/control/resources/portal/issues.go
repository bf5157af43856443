package portal

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// longName is how long the names of issues may be, in characters.
const longName = 256

// IssuesOf is the kind of the issues of an API.
func IssuesOf() *resource.Node {
	return resource.New(access.APIIssues, resource.Kind{
		Collection: "issues", Title: "Issue", MaxName: longName, Contract: "IssueContract", Update: "IssueUpdateContract",
		Filter: "APIIssueClientListByService",
		Keep:   []string{"properties.createdDate", "properties.state"},
		Hooks:  resource.Hooks{Prepare: prepareIssue, Present: presentIssue},
		Children: []*resource.Node{
			resource.New(access.APIIssueComments, resource.Kind{
				Collection: "comments", Title: "IssueComment", MaxName: longName, Verbs: resource.NoPatch,
				Contract: "IssueCommentContract", Filter: "APIIssueCommentClientListByService",
				Keep: []string{"properties.createdDate"},
				Hooks: resource.Hooks{Prepare: func(s *resource.Session, e, _ *resource.Entity) error {
					e.SetDefault("createdDate", s.Stamp())
					return resolveAuthor(s, e)
				}},
			}),
			resource.New(access.APIIssueAttachments, resource.Kind{
				Collection: "attachments", Title: "IssueAttachment", MaxName: longName, Verbs: resource.NoPatch,
				Contract: "IssueAttachmentContract", Filter: "APIIssueAttachmentClientListByService",
			}),
		},
	})
}

func prepareIssue(s *resource.Session, e, _ *resource.Entity) error {
	e.SetDefault("createdDate", s.Stamp())
	e.SetDefault("state", "proposed")
	e.Set("apiId", string(e.ID.Parent()))
	return resolveAuthor(s, e)
}

// presentIssue adds the comments and the attachments of an issue, where they are
// asked for.
func presentIssue(s *resource.Session, e *resource.Entity) error {
	if !s.Call.Bool("expandcommentsattachments") {
		return nil
	}
	for _, collection := range []string{"comments", "attachments"} {
		list := []any{}
		for one, err := range s.Collection(e.ID + "/" + resource.ID(collection)) {
			if err != nil {
				return err
			}
			list = append(list, one.Clone().Properties())
		}
		e.Set(collection, list)
	}
	return nil
}

// resolveAuthor spells the user as a full id, and checks that there is one.
func resolveAuthor(s *resource.Session, e *resource.Entity) error {
	const field = "properties.userId"
	user, err := s.Require(e.ID, field, e.Text("userId"))
	if err != nil {
		return err
	}
	if !user.Collection().Equal(e.ID.Service() + "/users") {
		return resource.Invalid(field, "%s is no user of this service", user)
	}
	e.Set("userId", string(user))
	return nil
}

// issues shows the issues of all APIs of a service.
func issues() *resource.Node {
	return resource.New(access.Issues, resource.Kind{
		Collection: "issues", Title: "Issue", MaxName: longName, Verbs: resource.ReadOnly, Contract: "IssueContract",
		Filter: "IssueClientListByService",
		Hooks: resource.Hooks{
			Items: func(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
				var all []*resource.Entity
				for api, err := range s.Collection(collection.Service() + "/apis") {
					if err != nil {
						return nil, err
					}
					for issue, err := range s.Collection(api.ID + "/issues") {
						if err != nil {
							return nil, err
						}
						all = append(all, atService(issue))
					}
				}
				return all, nil
			},
			Load: func(s *resource.Session, id resource.ID) (*resource.Entity, error) {
				for api, err := range s.Collection(id.Service() + "/apis") {
					if err != nil {
						return nil, err
					}
					issue, err := s.Lookup(api.ID.Child("issues", id.Name()))
					if err != nil || issue != nil {
						return atService(issue), err
					}
				}
				return nil, nil
			},
		},
	})
}

// atService is an issue of an API as the service lists it.
func atService(issue *resource.Entity) *resource.Entity {
	if issue == nil {
		return nil
	}
	c := issue.Clone()
	c.ID = issue.ID.Service().Child("issues", issue.ID.Name())
	return c
}
