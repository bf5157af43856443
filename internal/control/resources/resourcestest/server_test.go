package resourcestest_test

import (
	"net/http"
	"testing"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

func TestServer(t *testing.T) {
	s := resourcestest.New(t, nil)
	if got := resourcestest.At(s.Get(""), "name"); got != "apimService1" {
		t.Errorf("the service is called %v", got)
	}
	status, _, body := s.Do(http.MethodGet, "nothing", nil)
	if status != http.StatusNotFound || resourcestest.At(body, "error.code") == nil {
		t.Errorf("status %d: %v", status, body)
	}
}
