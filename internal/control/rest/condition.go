package rest

import (
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// condition applies If-Match and If-None-Match. A request without either is
// unconditional, as clients expect; "*" in If-Match lets a PUT create, which
// they expect as well.
func (x *exchange) condition(old *resource.Entity, permanent bool) error {
	match, none := x.r.Header.Get("If-Match"), x.r.Header.Get("If-None-Match")
	written := old != nil && (old.Changed != 0 || !permanent)
	if none != "" && written && (none == "*" || holds(none, old.ETag())) {
		return failed("The resource exists already, or has this version.", x.path)
	}
	if match == "" || match == "*" {
		return nil
	}
	if old == nil && !permanent {
		return failed("There is no such resource yet, and If-Match names a version of it.", x.path)
	}
	if old == nil {
		old = &resource.Entity{}
	}
	if !holds(match, old.ETag()) {
		return failed("The resource was changed since: its ETag is now "+old.ETag()+".", x.path)
	}
	return nil
}

// holds reports whether a list of entity tags has one. Clients send tags with
// and without quotes, and weak ones.
func holds(list, tag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if strings.Trim(one, `"`) == strings.Trim(tag, `"`) {
			return true
		}
	}
	return false
}

func failed(why, path string) error {
	return problem.New(http.StatusPreconditionFailed, problem.CodePreconditionFailed, "%s", why).WithTarget("/" + path)
}
