package resources_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/contract"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/store"
)

// minAssigned is how many fields have to be assigned at the least.
const minAssigned = 2000

// trio is one API three times: two are told what a client may tell, and one is
// told more. Where the two differ is chance; elsewhere the third must not.
type trio struct {
	t       *testing.T
	servers [3]*resourcestest.Server
	forge   *forged
	// wrong is called for each effect.
	wrong func(format string, args ...any)
}

// told is the one of the three that is told more.
const told = 2

// newTrio makes the three, and says which kinds there are. open changes each.
func newTrio(t *testing.T, f *forged, open func(*resourcestest.Server), wrong func(string, ...any)) (*trio, []kindAt) {
	t.Helper()
	tr := &trio{t: t, forge: f, wrong: wrong}
	var kinds []kindAt
	for i := range tr.servers {
		tr.servers[i] = resourcestest.New(t, nil)
		kinds = serviceKinds(t, tr.servers[i])
		for _, path := range []string{"loggers/h", "workspaces/h/loggers/h"} {
			tr.servers[i].Put(path, resourcestest.Body(t, f.contracts, "LoggerContract", ""))
		}
	}
	for _, s := range tr.servers {
		open(s)
	}
	return tr, append(kinds, rootKinds(t, tr.servers[0])...)
}

// gatewayPath is where a workspace gateway stands, beside services.
const gatewayPath = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg1/providers/Microsoft.ApiManagement/gateways/h"

// rootKinds are the kinds that no service holds.
func rootKinds(t *testing.T, s *resourcestest.Server) []kindAt {
	t.Helper()
	var all []kindAt
	for _, path := range []string{"", gatewayPath, gatewayPath + "/configConnections/h"} {
		place, ok, err := s.Plane.Environment().Registry.Walk(idAt(path))
		if !ok || err != nil {
			t.Fatal(path, ok, err)
		}
		all = append(all, kindAt{node: place.Node, path: path, name: "h"})
	}
	return all
}

// idAt is the id of what stands at a path as resourcestest takes it.
func idAt(path string) string {
	if strings.HasPrefix(path, "/") {
		return path
	}
	return strings.TrimSuffix(resourcestest.Service+"/"+path, "/")
}

// body is what a PUT of a kind takes.
func (tr *trio) body(k kindAt) map[string]any {
	switch {
	case k.path == gatewayPath:
		return map[string]any{"location": "West US", "sku": map[string]any{"name": "WorkspaceGatewayPremium", "capacity": 1},
			"properties": map[string]any{"backend": map[string]any{}, "virtualNetworkType": "None"}}
	case k.path == gatewayPath+"/configConnections/h":
		return map[string]any{"properties": map[string]any{"sourceId": resourcestest.Service + "/workspaces/h"}}
	case k.path == "":
		return map[string]any{"location": "West US", "sku": map[string]any{"name": "Developer", "capacity": 1}, "identity": map[string]any{"type": "SystemAssigned"},
			"properties": map[string]any{"publisherEmail": "apim@example.com", "publisherName": "Example",
				"hostnameConfigurations": []any{map[string]any{"type": "Proxy", "hostName": "api.example.com"}}}}
	}
	workspace := ""
	if strings.HasPrefix(k.path, "workspaces/h/") {
		workspace = "/workspaces/h"
	}
	model := k.node.Create
	if k.node.NoBody {
		model = ""
	}
	return resourcestest.Body(tr.t, tr.forge.contracts, model, workspace)
}

// send sends a body to all three, with more to the one, and compares.
func (tr *trio) send(k kindAt, method, path, model string, body map[string]any) {
	tr.t.Helper()
	what := method + " " + path
	var statuses [3]int
	var answers [3]map[string]any
	for i, s := range tr.servers {
		sent := clone(tr.t, body)
		if i == told {
			tr.extend(k, s, path, model, sent)
		}
		statuses[i], _, answers[i] = s.Do(method, path, sent)
	}
	if statuses[told] != statuses[0] {
		tr.wrong("%s: answers %d in place of %d: %v", what, statuses[told], statuses[0], answers[told])
		return
	}
	if statuses[0] >= http.StatusBadRequest {
		tr.t.Errorf("%s: answers %d: %v", what, statuses[0], answers[0])
		return
	}
	tr.compare(what+": the answer", answers)
	for i, s := range tr.servers {
		statuses[i], _, answers[i] = s.Do(http.MethodGet, path, nil)
	}
	tr.compare(what+": what GET answers", answers)
}

// extend adds to a body what nobody may assign: by the models, by the kind, and
// what is kept that no body has.
func (tr *trio) extend(k kindAt, s *resourcestest.Server, path, model string, body map[string]any) {
	tr.t.Helper()
	taken, answered := &contract.Model{}, (*contract.Model)(nil)
	var err error
	if model != "" {
		if taken, err = tr.forge.contracts.Model(model); err != nil {
			tr.t.Fatal(err)
		}
	}
	if k.node.Contract != "" {
		if answered, err = tr.forge.contracts.Model(k.node.Contract); err != nil {
			tr.t.Fatal(err)
		}
	}
	if _, ok := body["properties"]; !ok {
		if _, has := taken.Field("properties"); has || model == "" {
			body["properties"] = map[string]any{}
		}
	}
	tr.forge.into(body, taken, answered)
	for _, at := range append(slices.Clone(k.node.Hidden), tr.inner(s, path, taken)...) {
		name, rest, deeper := strings.Cut(at, ".")
		if _, known := taken.Field(strings.TrimSuffix(at, ".*")); known || strings.Contains(at, "*") {
			continue
		}
		if properties, ok := body[name].(map[string]any); ok && deeper {
			tr.forge.set(properties, rest, assigned)
		} else if !deeper {
			tr.forge.set(body, name, assigned)
		}
	}
}

// inner are the fields, of the body and of its properties, that a record has and
// the model of its kind does not.
func (tr *trio) inner(s *resourcestest.Server, path string, taken *contract.Model) []string {
	record := map[string]any{}
	for key, value := range records(tr.t, s) {
		if strings.EqualFold(key, idAt(path)) {
			record = value
		}
	}
	var found []string
	properties, _ := record["properties"].(map[string]any)
	for name := range properties {
		if _, ok := taken.Field("properties." + name); !ok && tr.forge.model(taken, "properties") != nil {
			found = append(found, "properties."+name)
		}
	}
	for name := range record {
		if _, ok := taken.Field(name); !ok {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// compare wants the third to be as the first, but for what is chance.
func (tr *trio) compare(what string, answers [3]map[string]any) {
	tr.t.Helper()
	raw, err := json.Marshal(answers[told])
	if err != nil {
		tr.t.Fatal(err)
	}
	if strings.Contains(string(raw), assigned) || strings.Contains(string(raw), "987654321") || strings.Contains(string(raw), "1987-06-05") {
		tr.wrong("%s holds what was assigned: %.600s", what, raw)
		return
	}
	first := settled(answers[0], answers[1])
	if diff := cmp.Diff(first, settled(answers[told], answers[1], first)); diff != "" {
		tr.wrong("%s differs (-told nothing +told more):\n%s", what, diff)
	}
}

// chance stands for what differs between two that were told the same.
const chance = "(chance)"

// settled is a value in which whatever differs from the others is chance; of the
// last of others only what is chance counts, where there are two.
func settled(value any, others ...any) any {
	switch v := value.(type) {
	case map[string]any:
		made := map[string]any{}
		for name, inner := range v {
			made[name] = settled(inner, each(others, name)...)
		}
		return made
	case []any:
		made := make([]any, len(v))
		for i, inner := range v {
			made[i] = settled(inner, each(others, i)...)
		}
		return made
	}
	if others[len(others)-1] == chance || len(others) == 1 && !cmp.Equal(value, others[0]) {
		return chance
	}
	return value
}

// each is a member, or an element, of each of the values.
func each(values []any, at any) []any {
	var found []any
	for _, v := range values {
		var inner any
		switch object := v.(type) {
		case map[string]any:
			if name, ok := at.(string); ok {
				inner = object[name]
			}
		case []any:
			if i, ok := at.(int); ok && i < len(object) {
				inner = object[i]
			}
		}
		found = append(found, inner)
	}
	return found
}

func clone(t *testing.T, body map[string]any) map[string]any {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// records is all that a server keeps, by id, but for who has which key.
func records(t *testing.T, s *resourcestest.Server) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	err := s.Write(func(session *resource.Session) error {
		for record, err := range session.Reader().Tree(store.Key("")) {
			if err != nil {
				return err
			}
			var body map[string]any
			if err := json.Unmarshal(record.Value, &body); err != nil {
				return fmt.Errorf("%s: %w", record.ID, err)
			}
			if strings.Contains(record.ID, "/claims/") {
				continue // Hashes of keys, which are chance.
			}
			all[record.ID] = body
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// assign walks all kinds with one kind of forgeries, and returns how many PUTs
// and PATCHes there were.
func assign(t *testing.T, f *forged, open func(*resourcestest.Server), wrong func(string, ...any)) (verbs int) {
	t.Helper()
	tr, kinds := newTrio(t, f, open, wrong)
	for _, k := range kinds {
		if !k.node.Internal {
			verbs += tr.assign(k)
		}
	}
	var all [3]map[string]any
	for i, s := range tr.servers {
		all[i] = map[string]any{}
		for id, body := range records(t, s) {
			all[i][id] = body
		}
	}
	for _, id := range slices.Sorted(maps.Keys(all[told])) {
		if _, ok := all[0][id]; !ok {
			wrong("%s is kept", id)
		}
	}
	tr.compare("what is kept", all)
	return verbs
}

// assign makes, replaces and changes one resource.
func (tr *trio) assign(k kindAt) (verbs int) {
	tr.t.Helper()
	path := k.path
	link := k.node.NoBody || k.node.Target != nil // Its target is called h.
	if k.node.Names == nil && path != "" && path[0] != '/' && len(k.node.Children) == 0 && !link {
		path = strings.TrimSuffix(path, k.name) + "made"
	}
	if k.node.Verbs.Has(resource.Put) {
		model := k.node.Create
		if k.node.NoBody {
			model = ""
		}
		// The first makes it, the second, which knows what is kept, replaces it.
		for range 2 {
			verbs++
			tr.send(k, http.MethodPut, path, model, tr.body(k))
		}
	}
	if k.node.Verbs.Has(resource.Patch) {
		verbs++
		tr.send(k, http.MethodPatch, path, k.node.Update, map[string]any{})
	}
	return verbs
}

// TestS17_MassAssignment sends every kind the fields that are the service's, and
// fields that there are not, and wants none of them to have an effect.
func TestS17_MassAssignment(t *testing.T) {
	contracts, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	verbs, fields, effects := 0, 0, 0
	for _, f := range []*forged{{contracts: contracts, truth: true}, {contracts: contracts, shout: true}} {
		verbs += assign(t, f, func(*resourcestest.Server) {}, func(format string, args ...any) {
			effects++
			t.Errorf(format, args...)
		})
		fields += f.count
	}
	if fields < minAssigned {
		t.Errorf("%d fields were assigned, want at least %d", fields, minAssigned)
	}
	fmt.Printf("S17: %d fields assigned that are the service's, in %d PUTs and PATCHes, %d effects (at least %d, 0)\n", fields, verbs, effects, minAssigned)
}

// TestS17_MassAssignment_NegativeControl does it where no field is read-only.
func TestS17_MassAssignment_NegativeControl(t *testing.T) {
	contracts, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	open := func(s *resourcestest.Server) {
		env := s.Plane.Environment()
		for chain := range env.Registry.Kinds() {
			n := chain[len(chain)-1]
			for _, name := range []string{n.Create, n.Update} {
				writable(env.Contracts, name)
			}
		}
	}
	effects := 0
	assign(t, &forged{contracts: contracts}, open, func(string, ...any) { effects++ })
	if effects == 0 {
		t.Error("fields that anybody may set had no effect")
	}
}

// writable makes the fields of a model writable, and those of its properties.
func writable(contracts *contract.Set, name string) {
	m, err := contracts.Model(name)
	if err != nil {
		return
	}
	for i := range m.Fields {
		m.Fields[i].ReadOnly = false
		if m.Fields[i].Name == "properties" {
			writable(contracts, m.Fields[i].Type)
		}
	}
}
