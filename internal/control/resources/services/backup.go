package services

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// maxBackup bounds what a backup in the store unpacks to, in bytes.
const maxBackup = 512 << 20

// backupKind is the kind of what is noted of backups, under the names of the
// storage account, the container and the backup. The backups themselves are in
// the installation's place of backups: nothing is written to Azure. Earlier
// releases kept them in parts, in the store, and these are still restored.
func backupKind() *resource.Node {
	return resource.New(access.Services, resource.Kind{
		Collection: "backups", Title: "Backup", Internal: true,
		Children: []*resource.Node{resource.New(access.Services, resource.Kind{
			Collection: "parts", Title: "BackupPart", Secrets: []resource.Secret{{Path: "properties.data"}},
		})},
	})
}

// backupNames are the names that a caller gives a backup, without regard to
// case.
func backupNames(in resource.Input) []string {
	var names []string
	for _, field := range []string{"storageAccount", "containerName", "backupName"} {
		name, _ := in.Body[field].(string)
		names = append(names, strings.ToLower(name))
	}
	return names
}

// backupID is where a backup is noted. Names have any characters, so it is named
// by their digest.
func backupID(in resource.Input) resource.ID {
	sum := sha256.Sum256([]byte(strings.Join(backupNames(in), "\x00")))
	return installation.Child("backups", hex.EncodeToString(sum[:]))
}

// backedUp is one resource in a backup.
type backedUp struct {
	// Path is the resource's id below its service.
	Path string `json:"path"`
	// Body has the secrets in clear: the backup is sealed as a whole.
	Body map[string]any `json:"body"`
}

// backup writes a backup of the installation, for the service, and notes that.
func backup(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	if s.Backups == nil {
		return resource.Result{}, errNoPlace()
	}
	names, id := backupNames(in), backupID(in)
	// Names belong to who has used them first.
	if err := mayUse(s, access.Backup, e.ID, id); err != nil {
		return resource.Result{}, err
	}
	_, err := s.Outside("the backup", func(ctx context.Context) (any, error) { return nil, s.Backups.Put(ctx, names, e.ID) })
	if err != nil {
		return resource.Result{}, unkept(err, "The backup could not be written to the installation's place of backups: %v.")
	}
	if err := s.Drop(id); err != nil {
		return resource.Result{}, err
	}
	err = s.Store(id, resource.Object(map[string]any{
		"serviceId": string(e.ID), "created": s.Stamp(),
		"storageAccount": in.Body["storageAccount"], "containerName": in.Body["containerName"], "backupName": in.Body["backupName"],
	}))
	if err != nil {
		return resource.Result{}, err
	}
	return answered(s, e)
}

// mayUse refuses callers who would replace the backup of another service with
// whose backups they have nothing to do. id is where the backup is noted.
func mayUse(s *resource.Session, action access.Action, service, id resource.ID) error {
	note, err := s.Lookup(id)
	if err != nil || note == nil {
		return err
	}
	return mayReach(s, action, service, resource.ID(note.Text("serviceId")))
}

// mayReach refuses callers who reach from one service to another, with which
// they may not do the same: a backup holds all of its service's secrets.
func mayReach(s *resource.Session, action access.Action, service, other resource.ID) error {
	if other.Equal(service) {
		return nil
	}
	return s.Authorize(access.Services.Action(action), other)
}

// errNoPlace says that there is nowhere to write a backup to.
func errNoPlace() error {
	return problem.New(statusUnavailable, problem.CodeUnavailable, "This installation has no place for backups.")
}

// unkept is the error of a place of backups, for the caller.
func unkept(err error, text string) error {
	if _, ok := errors.AsType[*resource.Outside](err); ok {
		return err
	}
	return problem.New(statusUnavailable, problem.CodeUnavailable, text, err).WithCause(err)
}

// answered is the service as the result of an action.
func answered(s *resource.Session, e *resource.Entity) (resource.Result, error) {
	place, _, err := s.Registry.Walk(string(e.ID))
	if err != nil {
		return resource.Result{}, err
	}
	body, err := s.Answer(place.Node, e)
	return resource.Result{Body: body, ETag: e.ETag()}, err
}

// kept answers the service to an action that changes nothing here, as moving to
// another platform or reading the settings of a network again.
func kept(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	return answered(s, e)
}

// restore makes a service what it was in a backup, its own or that of another
// one that the caller may restore as well. Other services stay as they are.
func restore(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	from, content, err := backupOf(s, in)
	if err != nil {
		return resource.Result{}, err
	}
	if err := mayReach(s, access.Restore, e.ID, from); err != nil {
		return resource.Result{}, err
	}
	if err := dropOthers(s, e.ID, content); err != nil {
		return resource.Result{}, err
	}
	for _, one := range content {
		if err := putBack(s, e.ID, from, one); err != nil {
			return resource.Result{}, err
		}
	}
	restored, err := s.Get(e.ID)
	if err != nil {
		return resource.Result{}, err
	}
	return answered(s, restored)
}

// backupOf reads a backup: of which service it is, and what that held.
func backupOf(s *resource.Session, in resource.Input) (from resource.ID, content []backedUp, err error) {
	var found *resource.BackedUp
	if s.Backups != nil {
		names := backupNames(in)
		got, err := s.Outside("the restored backup", func(ctx context.Context) (any, error) { return s.Backups.Get(ctx, names) })
		if err != nil {
			return "", nil, unkept(err, "The backup could not be read from the installation's place of backups: %v.")
		}
		found, _ = got.(*resource.BackedUp)
	}
	if found == nil {
		return storedBackup(s, in)
	}
	entities, err := found.Entities(s)
	if err != nil {
		return "", nil, err
	}
	for _, e := range entities {
		content = append(content, backedUp{Path: e.ID.Relative(), Body: e.Body})
	}
	return found.Service, content, nil
}

// storedBackup reads a backup that an earlier release kept in the store.
func storedBackup(s *resource.Session, in resource.Input) (from resource.ID, content []backedUp, err error) {
	id := backupID(in)
	note, err := s.Lookup(id)
	if err != nil {
		return "", nil, err
	}
	if note == nil || note.Properties()["parts"] == nil {
		return "", nil, problem.New(statusNotFound, problem.CodeNotFound,
			"There is no backup %v in the container %v of %v: "+
				"backups are in this installation's place of backups, under the names that they were made with.",
			in.Body["backupName"], in.Body["containerName"], in.Body["storageAccount"]).WithTarget("backupName")
	}
	content, err = unpack(s, id)
	return resource.ID(note.Text("serviceId")), content, err
}

// unpack reads a backup.
func unpack(s *resource.Session, id resource.ID) ([]backedUp, error) {
	var packed bytes.Buffer
	for part, err := range s.Collection(id + "/parts") {
		if err != nil {
			return nil, err
		}
		data, err := s.Reveal(part, "data")
		if err != nil {
			return nil, err
		}
		raw, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", part.ID, err)
		}
		packed.Write(raw)
	}
	zip, err := gzip.NewReader(&packed)
	if err != nil {
		return nil, fmt.Errorf("reading the backup %s: %w", id, err)
	}
	lines := json.NewDecoder(io.LimitReader(zip, maxBackup))
	lines.UseNumber()
	var content []backedUp
	for {
		var one backedUp
		err := lines.Decode(&one)
		if err == io.EOF { //nolint:errorlint // Decode returns it as it is.
			return content, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the backup %s: %w", id, err)
		}
		content = append(content, one)
	}
}

// dropOthers removes what the service holds now and did not hold then.
func dropOthers(s *resource.Session, service resource.ID, content []backedUp) error {
	then := make(map[string]bool, len(content))
	for _, one := range content {
		then[strings.ToLower(one.Path)] = true
	}
	var others []resource.ID
	for e, err := range s.Tree(service) {
		if err != nil {
			return err
		}
		if !then[strings.ToLower(e.ID.Relative())] {
			others = append(others, e.ID)
		}
	}
	for _, id := range others {
		if err := s.Drop(id); err != nil {
			return err
		}
	}
	return nil
}

// putBack writes one resource of a backup. Ids of the service that was backed
// up become those of the one that is restored.
func putBack(s *resource.Session, service, from resource.ID, one backedUp) error {
	id := service
	if one.Path != "" {
		id += "/" + resource.ID(one.Path)
	}
	place, ok, err := s.Registry.Walk(string(id))
	if err != nil {
		return err
	}
	if !ok || place.Collection || place.Rest != "" {
		return fmt.Errorf("restoring %s: there is no such kind of resource", id)
	}
	old, err := s.Lookup(id)
	if err != nil {
		return err
	}
	body, _ := moved(one.Body, string(from), string(service)).(map[string]any)
	return s.Keep(place.Node, &resource.Entity{ID: id, Body: body}, old)
}

// moved replaces the beginning of every id in a tree.
func moved(tree any, from, to string) any {
	switch v := tree.(type) {
	case string:
		if len(v) >= len(from) && strings.EqualFold(v[:len(from)], from) && (len(v) == len(from) || v[len(from)] == '/') {
			return to + v[len(from):]
		}
	case map[string]any:
		for name, value := range v {
			v[name] = moved(value, from, to)
		}
	case []any:
		for i, value := range v {
			v[i] = moved(value, from, to)
		}
	}
	return tree
}
