package services

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
)

// Bounds of what sallyportStatus tells.
const (
	// soon is how far ahead an end is told of, and past how long after it.
	soon = 30 * 24 * time.Hour
	past = 7 * 24 * time.Hour
	// maxEnding is how many ends are told of, the earliest first.
	maxEnding = 50
	// maxLooked is how many subscriptions are looked through in each place, and
	// statusPage how many of them are in memory at a time.
	maxLooked, statusPage = 100_000, 1000
)

// statusRoutes tell an administrator what needs care: which credentials end soon,
// and how old the last backup and its last proof are. Nothing of it is a secret:
// it tells names and times.
func statusRoutes() []resource.Route {
	return []resource.Route{{
		Method: get, Path: servicePath + "/sallyportStatus", Permission: access.Status.Read(),
		Run: func(s *resource.Session, _ map[string]string, in resource.Input) (resource.Result, error) {
			service, err := s.Get(in.ID.Service())
			if err != nil {
				return resource.Result{}, err
			}
			e := &ending{s: s, service: service.ID, complete: true}
			if err := e.look(service); err != nil {
				return resource.Result{}, err
			}
			return resource.Result{Body: map[string]any{"ending": e.answer(), "backup": backupStatus(s)}}, nil
		},
	}}
}

// backupStatus is how the continuous backup of this installation goes.
func backupStatus(s *resource.Session) map[string]any {
	answer := map[string]any{"kept": false}
	if s.BackupStatus == nil {
		return answer
	}
	status := s.BackupStatus()
	if !status.Kept {
		return answer
	}
	answer["kept"], answer["overdue"] = true, status.Overdue
	for name, at := range map[string]time.Time{"taken": status.Taken, "proved": status.Proved, "failed": status.Failed} {
		if !at.IsZero() {
			answer[name] = at.UTC().Format(time.RFC3339)
		}
	}
	return answer
}

// ending collects what ends soon.
type ending struct {
	s        *resource.Session
	service  resource.ID
	found    []end
	complete bool
}

// end is one thing that ends. What is subscription, primaryKey, secondaryKey or
// certificate.
type end struct {
	id         resource.ID
	name, what string
	at         time.Time
}

func (e *ending) answer() map[string]any {
	slices.SortFunc(e.found, func(a, b end) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id), cmp.Compare(a.what, b.what))
	})
	list := make([]any, 0, min(len(e.found), maxEnding))
	for _, one := range e.found[:min(len(e.found), maxEnding)] {
		list = append(list, map[string]any{
			"id": one.id.Relative(), "name": one.name, "what": one.what, "ends": one.at.UTC().Format(time.RFC3339),
		})
	}
	return map[string]any{"value": list, "count": len(e.found), "complete": e.complete}
}

// note keeps an end that is near.
func (e *ending) note(id resource.ID, name, what, text string) {
	at, err := time.Parse(time.RFC3339, text)
	now := e.s.Now()
	if err != nil || at.After(now.Add(soon)) || at.Before(now.Add(-past)) {
		return // What is no time has no end, and what ended long ago is missed by nobody.
	}
	e.found = append(e.found, end{id, name, what, at})
}

// look goes through the service and its workspaces.
func (e *ending) look(service *resource.Entity) error {
	configured, _ := service.Properties()[listHosts].([]any)
	for _, value := range configured {
		one, _ := value.(map[string]any)
		certificate, _ := one["certificate"].(map[string]any)
		host, _ := one["hostName"].(string)
		expiry, _ := certificate["expiry"].(string)
		e.note(service.ID, host, "certificate", expiry)
	}
	scopes := []resource.ID{service.ID}
	for workspace, err := range e.s.Collection(service.ID + "/workspaces") {
		if err != nil {
			return err
		}
		scopes = append(scopes, workspace.ID)
	}
	for _, scope := range scopes {
		for certificate, err := range e.s.Collection(scope + "/certificates") {
			if err != nil {
				return err
			}
			e.note(certificate.ID, certificate.ID.Name(), "certificate", certificate.Text("expirationDate"))
		}
		if err := e.subscriptions(scope + "/subscriptions"); err != nil {
			return err
		}
	}
	return nil
}

// subscriptions decodes those that say when something of them ends.
func (e *ending) subscriptions(collection resource.ID) error {
	after := ""
	for looked := 0; looked < maxLooked; looked += statusPage {
		page, err := e.s.Reader().List(collection.Key(), store.Page{After: after, Limit: statusPage})
		if err != nil {
			return err
		}
		for _, record := range page {
			if err := e.subscription(record); err != nil {
				return err
			}
		}
		if len(page) < statusPage {
			return nil
		}
		after = page[len(page)-1].Key.Name()
	}
	e.complete = false
	return nil
}

func (e *ending) subscription(record store.Record) error {
	if !bytes.Contains(record.Value, []byte(`KeyExpires"`)) && !bytes.Contains(record.Value, []byte(`"expirationDate"`)) {
		return nil
	}
	one, err := e.s.Decode(store.Version{Record: record})
	if err != nil {
		return err
	}
	if state := one.Text("state"); state != "" && !strings.EqualFold(state, "active") {
		return nil
	}
	name := cmp.Or(one.Text("displayName"), one.ID.Name())
	e.note(one.ID, name, "subscription", one.Text("expirationDate"))
	e.note(one.ID, name, "primaryKey", one.Text("sallyportPrimaryKeyExpires"))
	e.note(one.ID, name, "secondaryKey", one.Text("sallyportSecondaryKeyExpires"))
	return nil
}
