package services

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// Limits of a backup.
const (
	// partLength is how much of a backup one record holds, in bytes before
	// base64: what can be sealed at once.
	partLength = 512 << 10
	// maxBackup bounds what a backup unpacks to, in bytes.
	maxBackup = 512 << 20
)

// backupKind is the kind of backups. They are kept in the installation's own
// store, sealed like all secrets, under the names of the storage account, the
// container and the backup: nothing is written to Azure.
func backupKind() *resource.Node {
	return resource.New(access.Services, resource.Kind{
		Collection: "backups", Title: "Backup", Internal: true,
		Children: []*resource.Node{resource.New(access.Services, resource.Kind{
			Collection: "parts", Title: "BackupPart", Secrets: []resource.Secret{{Path: "properties.data"}},
		})},
	})
}

// backupID is where a backup is kept. Names have any characters, so it is named
// by their digest.
func backupID(in resource.Input) resource.ID {
	var names []string
	for _, field := range []string{"storageAccount", "containerName", "backupName"} {
		name, _ := in.Body[field].(string)
		names = append(names, strings.ToLower(name))
	}
	sum := sha256.Sum256([]byte(strings.Join(names, "\x00")))
	return installation.Child("backups", hex.EncodeToString(sum[:]))
}

// backedUp is one resource in a backup.
type backedUp struct {
	// Path is the resource's id below its service.
	Path string `json:"path"`
	// Body has the secrets in clear: the backup is sealed as a whole.
	Body map[string]any `json:"body"`
}

// backup copies all that a service holds into a backup.
func backup(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	packed, err := pack(s, e.ID)
	if err != nil {
		return resource.Result{}, err
	}
	id := backupID(in)
	if err := s.Drop(id); err != nil {
		return resource.Result{}, err
	}
	parts := 0
	for ; len(packed) > 0; parts++ {
		n := min(partLength, len(packed))
		part := resource.Object(map[string]any{"data": base64.StdEncoding.EncodeToString(packed[:n])})
		if err := s.Store(id.Child("parts", fmt.Sprintf("%06d", parts)), part); err != nil {
			return resource.Result{}, err
		}
		packed = packed[n:]
	}
	err = s.Store(id, resource.Object(map[string]any{
		"serviceId": string(e.ID), "created": s.Stamp(), "parts": parts,
		"storageAccount": in.Body["storageAccount"], "containerName": in.Body["containerName"], "backupName": in.Body["backupName"],
	}))
	if err != nil {
		return resource.Result{}, err
	}
	return answered(s, e)
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

// pack is the service with all that it holds, compressed.
func pack(s *resource.Session, service resource.ID) ([]byte, error) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	lines := json.NewEncoder(zip)
	for e, err := range s.Tree(service) {
		if err != nil {
			return nil, err
		}
		place, _, err := s.Registry.Walk(string(e.ID))
		if err != nil {
			return nil, err
		}
		if err := s.Open(place.Node, e, true); err != nil {
			return nil, err
		}
		if err := lines.Encode(backedUp{Path: e.ID.Relative(), Body: e.Body}); err != nil {
			return nil, fmt.Errorf("backing up %s: %w", e.ID, err)
		}
	}
	if err := zip.Close(); err != nil {
		return nil, fmt.Errorf("backing up %s: %w", service, err)
	}
	return packed.Bytes(), nil
}

// restore makes a service what it was in a backup, its own or another's.
func restore(s *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	id := backupID(in)
	note, err := s.Lookup(id)
	if err != nil {
		return resource.Result{}, err
	}
	if note == nil {
		return resource.Result{}, problem.New(statusNotFound, problem.CodeNotFound,
			"There is no backup %v in the container %v of %v: backups are kept by this installation under the names that they were made with.",
			in.Body["backupName"], in.Body["containerName"], in.Body["storageAccount"]).WithTarget("backupName")
	}
	content, err := unpack(s, id)
	if err != nil {
		return resource.Result{}, err
	}
	if err := dropOthers(s, e.ID, content); err != nil {
		return resource.Result{}, err
	}
	from := resource.ID(note.Text("serviceId"))
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
