package issuer

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/store"
)

// devicesKey is above the notes of device codes.
const devicesKey store.Key = "sallyport/devices"

// errTooManyDevices refuses a code where maxDevices wait.
var errTooManyDevices = errors.New("too many devices wait for their approval")

// devices are the device codes that wait, or were approved and not fetched. They
// are notes of the store, so that a device may ask another node than the one
// that gave it its code.
type devices struct {
	notes store.Notebook
	clock clock.Clock

	mu sync.Mutex
	// polled is when devices asked this node last.
	polled map[store.Key]time.Time
}

// device is a code as it is kept. The code that the device itself holds is in
// its key, digested.
type device struct {
	UserCode string    `json:"userCode"`
	ClientID string    `json:"clientId"`
	Audience string    `json:"audience"`
	Scope    string    `json:"scope"`
	Expires  time.Time `json:"expires"`
	// Approved is the object id of who approved it, "" before.
	Approved string `json:"approved,omitempty"`
}

func newDevices(notes store.Notebook, c clock.Clock) *devices {
	return &devices{notes: notes, clock: c, polled: map[store.Key]time.Time{}}
}

// keyOf is where the device with a code is kept.
func (*devices) keyOf(deviceCode string) store.Key {
	sum := sha256.Sum256([]byte(deviceCode))
	return devicesKey.Child(hex.EncodeToString(sum[:]))
}

// put keeps a device for longer than its code works, so that it can be told that
// the code has expired.
func (d *devices) put(ctx context.Context, key store.Key, v device) error {
	value, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("keeping a device code: %w", err)
	}
	return d.notes.PutNote(ctx, key, value, v.Expires.Sub(d.clock.Now())+deviceLifetime)
}

// all are the devices that are kept, by their keys.
func (d *devices) all(ctx context.Context, within store.Key) (map[store.Key]device, error) {
	notes, err := d.notes.Notes(ctx, within, 2*maxDevices)
	if err != nil {
		return nil, fmt.Errorf("looking for device codes: %w", err)
	}
	found := make(map[store.Key]device, len(notes))
	for _, note := range notes {
		var v device
		if err := json.Unmarshal(note.Value, &v); err != nil {
			return nil, fmt.Errorf("reading a device code: %w", err)
		}
		found[note.Key] = v
	}
	return found, nil
}

// add makes a code, or returns errTooManyDevices.
func (d *devices) add(ctx context.Context, v device) (deviceCode, userCode string, err error) {
	there, err := d.all(ctx, devicesKey)
	if err != nil {
		return "", "", err
	}
	now, waiting := d.clock.Now(), 0
	for _, other := range there {
		if now.Before(other.Expires) {
			waiting++
		}
	}
	if waiting >= maxDevices {
		return "", "", errTooManyDevices
	}
	deviceCode = random(32)
	v.UserCode, v.Expires = newUserCode(), now.Add(deviceLifetime)
	return deviceCode, v.UserCode, d.put(ctx, d.keyOf(deviceCode), v)
}

// newUserCode draws letters, each as likely as any other.
func newUserCode() string {
	code := make([]byte, 0, userCodeLength)
	for len(code) < userCodeLength {
		var b [1]byte
		_, _ = rand.Read(b[:])
		if n := len(userCodeAlphabet); int(b[0]) < 256/n*n {
			code = append(code, userCodeAlphabet[int(b[0])%n])
		}
	}
	return string(code)
}

// approve gives a code to a service principal; false where no code waits under
// what a person typed.
func (d *devices) approve(ctx context.Context, typed, by string) (bool, error) {
	typed = strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(typed))
	there, err := d.all(ctx, devicesKey)
	if err != nil {
		return false, err
	}
	now := d.clock.Now()
	for key, v := range there {
		if v.UserCode == typed && v.Approved == "" && now.Before(v.Expires) {
			v.Approved = by
			return true, d.put(ctx, key, v)
		}
	}
	return false, nil
}

// take is a device's question. It returns the error code of OAuth 2.0, or "" and
// what was approved.
func (d *devices) take(ctx context.Context, deviceCode, clientID string) (v device, problem string, err error) {
	key := d.keyOf(deviceCode)
	there, err := d.all(ctx, key)
	if err != nil {
		return v, "", err
	}
	v, ok := there[key]
	switch {
	case !ok || v.ClientID != clientID:
		return v, "invalid_grant", nil
	case !d.clock.Now().Before(v.Expires):
		return v, "expired_token", d.notes.DropNote(ctx, key)
	case v.Approved != "":
		return v, "", d.notes.DropNote(ctx, key)
	case d.tooSoon(key):
		return v, "slow_down", nil
	}
	return v, "authorization_pending", nil
}

// tooSoon notes a question, and tells whether the one before it was a moment
// ago.
func (d *devices) tooSoon(key store.Key) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.clock.Now()
	last, asked := d.polled[key]
	if !asked && len(d.polled) >= maxDevices {
		clear(d.polled) // Some devices may ask once too early.
	}
	d.polled[key] = now
	return asked && now.Sub(last) < devicePoll/2
}
