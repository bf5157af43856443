package grpc

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/model"
)

const sample = `syntax = "proto3";
package shop.v1;
import "google/protobuf/timestamp.proto"; // { "

// Orders keeps orders.
service Orders {
  // Places an order.
  rpc Place(PlaceRequest) returns (Order) { option deprecated = true; }
  /* Tells what
     changes. */
  rpc Watch(stream PlaceRequest) returns (stream .shop.v1.Order);
}
service Other { rpc Place(Order) returns (Order); }

message PlaceRequest { string what = 1; map<string, int32> count = 2; }
message Order { google.protobuf.Timestamp at = 1; Order parent = 2; }
`

func TestRead(t *testing.T) {
	in, problems := Read("apis/a", []byte(sample), Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if p := in.Properties; p.Type != model.APIGRPC || p.DisplayName != "Orders" || p.Description != "Orders keeps orders." {
		t.Errorf("got %+v", p)
	}
	if s := in.Schemas[0]; s.ContentType != SchemaType || s.Document.Value != sample || model.Validate(s).HasErrors() {
		t.Errorf("got %+v", s)
	}
	body := func(name string) []model.Representation {
		return []model.Representation{{ContentType: "application/grpc", SchemaID: "grpc", TypeName: "shop.v1." + name}}
	}
	operation := func(name, display, description, template, input string) *model.Operation {
		return &model.Operation{
			ID: model.NewID("apis", "a", "operations", name), DisplayName: display, Description: description, Method: "POST", URLTemplate: template,
			Request: &model.Request{Representations: body(input)}, Responses: []model.Response{{StatusCode: 200, Representations: body("Order")}},
		}
	}
	want := []*model.Operation{
		operation("orders-place", "Place", "Places an order.", "/shop.v1.Orders/Place", "PlaceRequest"),
		operation("orders-watch", "Watch", "Tells what\nchanges.", "/shop.v1.Orders/Watch", "PlaceRequest"),
		operation("other-place", "Place", "", "/shop.v1.Other/Place", "Order"),
	}
	if diff := cmp.Diff(want, in.Operations); diff != "" {
		t.Error(diff)
	}
	if at := in.Positions[want[0].ID.Key()]; at != (transfer.Position{Line: 8, Column: 3}) {
		t.Errorf("at %v", at)
	}
	for _, o := range in.Operations {
		if p := model.Validate(o); p.HasErrors() {
			t.Error(p)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	const head = "syntax = \"proto3\";\n"
	tests := []struct{ name, in, want string }{
		{"syntax", head + "service A {\n  rpc }", "p:3:7: "},
		{"unknown type", head + "service A { rpc B(C) returns (D); }", "p:2:19: "},
		{"import", head + "import \"other.proto\";", "p:2:8: "},
		{"import of a path", head + "import \"/etc/passwd\";", "p:2:8: "},
		{"no service", head + "message A {}", "no service"},
		{"empty", "", "no service"},
		{"nested messages", head + strings.Repeat("message A {", 50_000), "p:2:"},
		{"nested options", head + "option (a) = " + strings.Repeat("{a:", 100_000), "limit MaxNesting"},
		{"nested lists", head + "option (a) = {" + strings.Repeat("a <", 100_000), "limit MaxNesting"},
		{"large", strings.Repeat(" ", MaxSize+1), "limit MaxSize"},
		{"not UTF-8", "\xff", "not UTF-8"},
		{"many errors", head + strings.Repeat("message A { B c = 1; }\n", 1000), "p:3:9: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := Read("apis/a", []byte(tt.in), Options{File: "p"})
			if !problems.HasErrors() || !strings.Contains(problems.String(), tt.want) || len(problems) > MaxProblems {
				t.Errorf("%d problems, %v, want %q", len(problems), problems, tt.want)
			}
		})
	}
}

func TestNested(t *testing.T) {
	deep := strings.Repeat("{", MaxNesting)
	tests := []struct {
		name, in string
		ok       bool
	}{
		{"deep", deep, true},
		{"too deep", deep + "[", false},
		{"in a string", deep + `"{{{\"{{{" '{{\'{{{'`, true},
		{"in comments", deep + "// {{{ \"\n /* {{ \" */", true},
		{"behind a comment", deep + "/* */ {", false},
		{"behind a line comment", deep + "// \n{", false},
		{"behind a string", deep + `"\\" {`, false},
		{"behind a string that does not end", deep + "\"\n{", false},
		{"behind a slash", deep + "/{", false},
		{"closed", strings.Repeat("{}", 1000), true},
		{"closed too often", "}}}" + deep, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if line, column, ok := nested(tt.in); ok != tt.ok {
				t.Errorf("got %v at %d:%d", ok, line, column)
			}
		})
	}
}

// FuzzRead checks that no document makes the reader panic, and that what it
// imports is valid by itself.
func FuzzRead(f *testing.F) {
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, data []byte) {
		in, problems := Read("apis/a", data, Options{})
		if problems.HasErrors() {
			return
		}
		for _, o := range in.Operations {
			for _, p := range model.Validate(o) {
				if p.Element != "urlTemplate" {
					t.Fatalf("%s: %v", o.ID, p)
				}
			}
		}
	})
}
