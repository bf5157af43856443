package serve

import (
	"testing"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
)

// TestForwardedProto calls an API that takes HTTPS only, behind what ends TLS.
func TestForwardedProto(t *testing.T) {
	config := []model.Resource{
		api("secure", anonymous, func(a *model.API) { a.Protocols = []model.Protocol{model.ProtocolHTTPS} }), operation("secure", "GET", "/"),
	}
	for _, tt := range []struct {
		name, scheme, proto string
		believed            bool
		want                int
	}{
		{"HTTPS at what ends it", "http", "https", true, 200},
		{"in capitals", "http", "HTTPS", true, 200},
		{"clear text at what ends it", "http", "http", true, 404},
		{"nothing is said", "http", "", true, 404},
		{"nothing is said over TLS", "https", "", true, 200},
		{"clear text, and TLS from there on", "https", "http", true, 404},
		{"nonsense", "http", "gopher", true, 404},
		{"it is not believed", "http", "https", false, 404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(o *Options) { o.ForwardedProto, o.EnforceProtocols = tt.believed, true })
			r.use(t, config...)
			request := get(tt.scheme + "://gateway.example/secure")
			if tt.proto != "" {
				request.Header.Set(message.XForwardedProto, tt.proto)
			}
			if got := r.serve(request).status; got != tt.want {
				t.Errorf("answered %d, want %d", got, tt.want)
			}
		})
	}
}
