package rest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/problem"
)

// The api-versions. Those between the oldest and the newest differ in nothing
// that is answered here.
const (
	version2021 = "2021-08-01"
	version2022 = "2022-08-01"
	version2024 = "2024-05-01"
)

// versions are what is accepted. The service's shapes did not change between
// the ones that have clients of their own and those around them.
var versions = []string{
	version2021, "2021-12-01-preview", "2022-04-01-preview", version2022, "2022-09-01-preview",
	"2023-03-01-preview", "2023-05-01-preview", "2023-09-01-preview", version2024, "2024-06-01-preview",
}

// version checks the parameter api-version, and returns it.
func version(given string) (string, error) {
	if given == "" {
		return "", problem.New(http.StatusBadRequest, "MissingApiVersionParameter",
			"The api-version query parameter (?api-version=) is required for all requests.").WithTarget("api-version")
	}
	folded := strings.ToLower(given)
	if !slices.Contains(versions, folded) {
		return "", problem.New(http.StatusBadRequest, "InvalidApiVersionParameter",
			"The api-version %.40q is not one of %s.", given, strings.Join(versions, ", ")).WithTarget("api-version")
	}
	return folded, nil
}

// before2024 says that the request speaks a version from before long-running
// deletes.
func (x *exchange) before2024() bool { return x.call.Version < version2024 }
