package portal

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// IssuesOf is the kind of the issues of an API.
func IssuesOf() *resource.Node {
	return resource.New(access.APIIssues, resource.Kind{
		Collection: "issues", Title: "Issue", Contract: "IssueContract", Update: "IssueUpdateContract",
		Filter: "APIIssueClientListByService",
	})
}
