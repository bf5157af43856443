package arm

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/problem"
)

// groupsKey is above the records of resource groups: below it the subscription,
// then the group.
const groupsKey store.Key = "sallyport/resourcegroups"

// Limits of resource groups.
const (
	// maxGroupName bounds the name of a group, in characters.
	maxGroupName = 90
	// maxTags bounds the number of tags, maxTag the length of a name or a value,
	// in bytes.
	maxTags = 50
	maxTag  = 512
)

var groupName = regexp.MustCompile(`^[-\p{L}\p{N}_.()]*[-\p{L}\p{N}_()]$`)

func isGroupName(name string) bool {
	return utf8.RuneCountInString(name) <= maxGroupName && groupName.MatchString(name)
}

// group is a resource group.
type group struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Type       string            `json:"type"`
	Location   string            `json:"location"`
	ManagedBy  string            `json:"managedBy,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	Properties map[string]string `json:"properties"`
}

// groupInput is what a client sends.
type groupInput struct {
	Location  string             `json:"location"`
	ManagedBy string             `json:"managedBy"`
	Tags      *map[string]string `json:"tags"`
}

func newGroup(subscription, name, location string) group {
	return group{
		ID: groupID(subscription, name), Name: name, Type: "Microsoft.Resources/resourceGroups", Location: location,
		Properties: map[string]string{"provisioningState": "Succeeded"},
	}
}

func groupID(subscription, name string) string {
	return "/subscriptions/" + subscription + "/resourceGroups/" + name
}

func groupKey(subscription, name string) store.Key {
	return groupsKey.Child(subscription).Child(name)
}

// lookUp returns a group: the record, or what the services in it make of it. A
// service may have been made without its group.
func (f *Front) lookUp(in *request, subscription, name string) (group, error) {
	var g group
	if !isGroupName(name) {
		return g, noGroup(store.ErrNotFound, groupID(subscription, name))
	}
	err := f.options.Store.View(in.Context(), func(r store.Reader) error {
		record, err := r.Get(groupKey(subscription, name))
		if err != nil {
			return err
		}
		return json.Unmarshal(record.Value, &g)
	})
	if !errors.Is(err, store.ErrNotFound) {
		return g, err
	}
	implied, serviceErr := f.implied(in, subscription)
	if serviceErr != nil {
		return g, serviceErr
	}
	for _, g := range implied {
		if strings.EqualFold(g.Name, name) {
			return g, nil
		}
	}
	return g, noGroup(err, groupID(subscription, name))
}

// implied are the groups in which there are services.
func (f *Front) implied(in *request, subscription string) ([]group, error) {
	services, err := f.services(in)
	if err != nil {
		return nil, err
	}
	var all []group
	for _, s := range services {
		if strings.EqualFold(segmentAfter(s.ID, "subscriptions"), subscription) {
			all = append(all, newGroup(segmentAfter(s.ID, "subscriptions"), segmentAfter(s.ID, "resourceGroups"), s.Location))
		}
	}
	return all, nil
}

// groups lists those that the caller may read.
func (f *Front) groups(in *request) (answer, error) {
	if err := f.reach(in); err != nil {
		return answer{}, err
	}
	var all []group
	err := f.options.Store.View(in.Context(), func(r store.Reader) error {
		for record, err := range r.Tree(groupsKey.Child(in.names[0])) {
			if err != nil {
				return err
			}
			var g group
			if err := json.Unmarshal(record.Value, &g); err != nil {
				return err
			}
			all = append(all, g)
		}
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	implied, err := f.implied(in, in.names[0])
	if err != nil {
		return answer{}, err
	}
	// Those with a record come first, and are the ones that stay.
	all = append(all, implied...)
	slices.SortStableFunc(all, func(a, b group) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	all = slices.CompactFunc(all, func(a, b group) bool { return strings.EqualFold(a.Name, b.Name) })
	all = slices.DeleteFunc(all, func(g group) bool {
		return !f.options.Directory.Allow(in.who, access.ResourceGroups.Read(), g.ID)
	})
	return list(all), nil
}

func (f *Front) group(in *request) (answer, error) {
	g, err := f.lookUp(in, in.names[0], in.names[1])
	return ok(g), err
}

// hasGroup answers 204 where the group is there.
func (f *Front) hasGroup(in *request) (answer, error) {
	_, err := f.lookUp(in, in.names[0], in.names[1])
	return answer{status: http.StatusNoContent}, err
}

// putGroup makes a group, or replaces its tags.
func (f *Front) putGroup(in *request) (answer, error) {
	var sent groupInput
	if err := in.read(&sent); err != nil {
		return answer{}, err
	}
	name := in.names[1]
	if !isGroupName(name) {
		return answer{}, problem.New(http.StatusBadRequest, "InvalidResourceGroup",
			"The name of a resource group has at most %d letters, digits, '-', '_', '.', '(' and ')', and does not end with '.'.",
			maxGroupName).WithTarget("name")
	}
	if sent.Location == "" || len(sent.Location) > maxTag {
		return answer{}, problem.New(http.StatusBadRequest, "LocationRequired",
			"The location of the resource group is missing, or too long.").WithTarget("location")
	}
	before, there, err := f.has(in, in.names[0], name)
	if err != nil {
		return answer{}, err
	}
	if there && !strings.EqualFold(before.Location, sent.Location) {
		return answer{}, problem.New(http.StatusConflict, "InvalidResourceGroupLocation",
			"The resource group '%s' is in the location '%s', which cannot be changed.", before.Name, before.Location).WithTarget("location")
	}
	g := newGroup(in.names[0], name, sent.Location)
	g.ManagedBy = sent.ManagedBy
	if there {
		g.ID, g.Name, g.Location = before.ID, before.Name, before.Location
	}
	if sent.Tags != nil {
		g.Tags = *sent.Tags
	}
	if err := f.save(in, g); err != nil {
		return answer{}, err
	}
	if !there {
		return answer{http.StatusCreated, g}, nil
	}
	return ok(g), nil
}

// patchGroup replaces the tags, where they are sent.
func (f *Front) patchGroup(in *request) (answer, error) {
	var sent groupInput
	if err := in.read(&sent); err != nil {
		return answer{}, err
	}
	g, err := f.lookUp(in, in.names[0], in.names[1])
	if err != nil {
		return answer{}, err
	}
	if sent.Tags != nil {
		g.Tags = *sent.Tags
	}
	if sent.ManagedBy != "" {
		g.ManagedBy = sent.ManagedBy
	}
	return ok(g), f.save(in, g)
}

// has is lookUp for what need not be there.
func (f *Front) has(in *request, subscription, name string) (g group, there bool, err error) {
	g, err = f.lookUp(in, subscription, name)
	if p, ok := errors.AsType[*problem.Error](err); ok && p.Status == http.StatusNotFound {
		return group{}, false, nil
	}
	return g, err == nil, err
}

// save writes a group.
func (f *Front) save(in *request, g group) error {
	if len(g.Tags) > maxTags || len(g.ManagedBy) > maxTag {
		return problem.New(http.StatusBadRequest, "InvalidTag", "A resource group has at most %d tags.", maxTags).WithTarget("tags")
	}
	for name, value := range g.Tags {
		if name == "" || len(name) > maxTag || len(value) > maxTag {
			return problem.New(http.StatusBadRequest, "InvalidTag", "Names and values of tags have at most %d bytes.", maxTag).WithTarget("tags")
		}
	}
	data, err := json.Marshal(g)
	if err != nil {
		return err
	}
	key := groupKey(in.names[0], in.names[1])
	return f.update(in, access.ResourceGroups.Write(), key, data, func(tx store.Tx) error { return tx.Put(key, g.ID, data) })
}

// update writes the store, with an audit entry.
func (f *Front) update(in *request, permission access.Permission, key store.Key, after []byte, change func(store.Tx) error) error {
	e := in.entry()
	e.Time, e.Action, e.Resource, e.Outcome, e.After = f.options.Clock.Now(), permission.String(), in.id, audit.Succeeded, after
	_, err := f.options.Store.Update(in.Context(), func(tx store.Tx) error {
		record, err := tx.Get(key)
		switch {
		case err == nil:
			e.Before = record.Value
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		return audit.Append(tx, e)
	})
	return err
}

// deleteGroup removes an empty group.
func (f *Front) deleteGroup(in *request) (answer, error) {
	implied, err := f.implied(in, in.names[0])
	if err != nil {
		return answer{}, err
	}
	for _, g := range implied {
		if strings.EqualFold(g.Name, in.names[1]) {
			return answer{}, problem.New(http.StatusConflict, problem.CodeConflict,
				"There are services in the resource group '%s'. Delete them first: a group does not take its services with it here.", g.Name)
		}
	}
	if !isGroupName(in.names[1]) {
		return answer{}, noGroup(store.ErrNotFound, in.id)
	}
	key := groupKey(in.names[0], in.names[1])
	err = f.update(in, access.ResourceGroups.Delete(), key, nil, func(tx store.Tx) error { return tx.Delete(key) })
	return answer{status: http.StatusOK}, noGroup(err, in.id)
}

// noGroup turns the store's "not there" into the API's.
func noGroup(err error, id string) error {
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	name := id[strings.LastIndexByte(id, '/')+1:]
	return problem.New(http.StatusNotFound, "ResourceGroupNotFound", "The resource group '%s' could not be found.", name).WithTarget(id)
}
