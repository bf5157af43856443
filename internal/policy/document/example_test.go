package document_test

import (
	"fmt"
	"os"

	"github.com/sallyport/sallyport/internal/policy/document"
)

func Example() {
	src := `<policies>
  <inbound>
    <set-header name="X-Tenant" exists-action="{{action}}">
      <value>@(context.Request.Headers["T"] + "<")</value>
    </set-header>
  </inbound>
</policies>`
	values := map[string]string{"action": "override"}
	out, mapping, unknown := document.Substitute([]byte(src), func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	})
	root, err := document.ParseMapped(out, mapping, document.Auto, document.Limits{})
	if err != nil {
		fmt.Println(document.Problems(err, "policy.xml"))
		return
	}
	fmt.Println(len(document.Unresolved(root, unknown)), "named values are missing")
	header := root.Children[0].Children[0]
	action, _ := header.Attr("exists-action")
	fmt.Println(action.Value, "at", action.Pos)
	code := header.Children[0].Text
	fmt.Println(code.Value, "at", code.Pos)
	if err := document.Write(os.Stdout, header, document.XML); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 0 named values are missing
	// override at 3:48
	// context.Request.Headers["T"] + "<" at 4:16
	// <set-header name="X-Tenant" exists-action="override">
	//     <value>@(context.Request.Headers["T"] + "&lt;")</value>
	// </set-header>
}
