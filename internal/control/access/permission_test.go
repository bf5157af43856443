package access

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPermission(t *testing.T) {
	tests := []struct {
		name string
		got  Permission
		want string
	}{
		{"read", APIs.Read(), "Microsoft.ApiManagement/service/apis/read"},
		{"write", APIOperations.Write(), "Microsoft.ApiManagement/service/apis/operations/write"},
		{"delete", Services.Delete(), "Microsoft.ApiManagement/service/delete"},
		{"action", Subscriptions.Action(ListSecrets), "Microsoft.ApiManagement/service/subscriptions/listSecrets/action"},
		{"in a workspace", NamedValues.InWorkspace().Action(ListValue), "Microsoft.ApiManagement/service/workspaces/namedValues/listValue/action"},
		{"of the provider", Provider.Action(Register), "Microsoft.ApiManagement/register/action"},
		{"of another provider", ResourceGroups.Read(), "Microsoft.Resources/subscriptions/resourceGroups/read"},
		{"an action that the type does not have", APIs.Action(ListSecrets), ""},
		{"a type that workspaces do not have", Users.InWorkspace().Read(), ""},
		{"zero type", Type{}.Write(), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.got.String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if tt.got.Valid() != (tt.want != "") {
				t.Errorf("Valid is %v", tt.got.Valid())
			}
		})
	}
}

// TestPermissionsListsEveryType keeps the list beside the variables whole.
func TestPermissionsListsEveryType(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "types.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared, listed []string
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			if v.Names[0].Name != "types" {
				declared = append(declared, v.Names[0].Name)
				continue
			}
			for _, e := range v.Values[0].(*ast.CompositeLit).Elts {
				listed = append(listed, e.(*ast.Ident).Name)
			}
		}
	}
	if diff := cmp.Diff(declared, listed); diff != "" {
		t.Errorf("declared and listed (-declared +listed):\n%s", diff)
	}
	seen := map[string]bool{}
	for p := range Permissions() {
		if seen[p.folded] {
			t.Errorf("%s is there twice", p)
		}
		seen[p.folded] = true
	}
}

// elsewhere are the operations whose permission is not what their path says,
// because Azure's list of permissions has another word for it.
var elsewhere = map[string]Permission{
	"microsoft.apimanagement/checknameavailability/action":                     CheckNameAvailability.Read(),
	"microsoft.apimanagement/getdomainownershipidentifier/action":              DomainOwnershipIdentifier.Read(),
	"microsoft.apimanagement/locations/operationresults/read":                  LocationOperationResults.Read(),
	"microsoft.apimanagement/locations/operationstatuses/read":                 LocationOperationResults.Read(),
	"microsoft.apimanagement/service/portalsettings/delegation/read":           PortalSettings.Read(),
	"microsoft.apimanagement/service/tenant/git/regenerateprimarykey/action":   Tenant.Action(RegeneratePrimaryKey),
	"microsoft.apimanagement/service/tenant/git/regeneratesecondarykey/action": Tenant.Action(RegenerateSecondaryKey),
	"microsoft.apimanagement/service/users/confirmations/send/action":          UserConfirmations.Action(Send),
}

var operationLine = regexp.MustCompile("(GET|PUT|POST|PATCH|DELETE|HEAD) `?([~/][^ |`]*)")

// TestEveryOperationHasAPermission derives from each operation's path what
// Azure Resource Manager would ask for, and looks for it in the table.
func TestEveryOperationHasAPermission(t *testing.T) {
	known := map[string]bool{}
	for p := range Permissions() {
		known[p.folded] = true
	}
	operations := operationLines(t)
	for _, o := range operations {
		derived := derive(o[1], o[2])
		if p, ok := elsewhere[derived]; ok {
			derived = p.folded
		}
		if !known[derived] {
			t.Errorf("%s %s needs %s, which the table does not have", o[1], o[2], derived)
		}
	}
	if len(operations) < 1000 {
		t.Errorf("only %d operations were read", len(operations))
	}
	t.Logf("%d operations, %d permissions", len(operations), len(known))
}

// derive is the permission that a path stands for, folded.
func derive(method, path string) string {
	path = strings.ToLower(regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "*"))
	path = strings.Replace(path, "~", "/providers/microsoft.apimanagement/service/*", 1)
	_, rest, _ := strings.Cut(path, "/providers/microsoft.apimanagement/")
	segments := strings.Split(rest, "/")
	verb := map[string]string{"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}[method]
	if method == "POST" {
		verb = segments[len(segments)-1] + "/action"
		segments = segments[:len(segments)-1]
	}
	// Collections and names take turns, and a name is no part of the type.
	var kinds []string
	for i := 0; i < len(segments); i += 2 {
		kinds = append(kinds, segments[i])
	}
	if method == "POST" && len(segments)%2 == 1 && len(segments) > 2 {
		// portalsettings/delegation and tenant/{name}/git end in no name.
		if last := segments[len(segments)-1]; last != "git" {
			kinds = kinds[:len(kinds)-1]
		}
	}
	if len(kinds) == 0 || kinds[0] == "" {
		return "microsoft.apimanagement/" + verb
	}
	return "microsoft.apimanagement/" + strings.Join(kinds, "/") + "/" + verb
}

// operationLines reads the inventory of operations that lies beside the
// checkout.
func operationLines(t *testing.T) [][]string {
	t.Helper()
	f, err := os.Open(shared(t, "reference/management-operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var found [][]string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if m := operationLine.FindStringSubmatch(lines.Text()); m != nil {
			found = append(found, m)
		}
	}
	return found
}

// shared is a file of the data beside the checkout.
func shared(t *testing.T, name string) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			break
		}
		folder = filepath.Dir(folder)
	}
	path := filepath.Join(folder, "..", "shared", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		if slices.Contains(os.Environ(), "CI=true") || os.Getenv("CI") != "" {
			t.Fatal("../shared is not beside the checkout")
		}
		t.Skip("SKIPPED: ../shared is not beside the checkout")
	}
	return path
}
