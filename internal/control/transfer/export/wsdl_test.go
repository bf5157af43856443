package export

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sallyport/sallyport/internal/control/transfer/wsdl"
	"github.com/sallyport/sallyport/internal/model"
)

// TestWSDL gives back the document that was imported, with the gateway's
// address.
func TestWSDL(t *testing.T) {
	a, err := txtar.ParseFile("../wsdl/testdata/passthrough.txtar")
	if err != nil {
		t.Fatal(err)
	}
	in, problems := wsdl.Read("apis/a", a.Files[0].Data, wsdl.Options{})
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	s := Source{API: &model.API{ID: "apis/a"}, Operations: in.Operations, Schemas: in.Schemas}
	d, problems := Write("wsdl-link", s)
	if len(problems) > 0 || !bytes.Equal(d.Data, a.Files[0].Data) {
		t.Errorf("%v\n%s", problems, d.Data)
	}
	s.Servers = []string{"https://gateway.example/shop?a=1&b=2"}
	d, _ = Write("wsdl-link", s)
	again, problems := wsdl.Read("apis/a", d.Data, wsdl.Options{})
	if problems.HasErrors() || again.Properties.ServiceURL != s.Servers[0] || len(again.Operations) != len(in.Operations) {
		t.Errorf("%v, %+v", problems, again.Properties)
	}
	if got := strings.Count(string(d.Data), "shop.asmx"); got != 1 { // That of the port without SOAP.
		t.Errorf("%d addresses of the backend are left", got)
	}
	s.Schemas = nil
	if _, problems := Write("wsdl-link", s); !problems.HasErrors() || !strings.Contains(problems.String(), "not imported from one") {
		t.Errorf("got %v", problems)
	}
}
