package disk

import (
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
)

// sectorSize is the unit in which a disk keeps or loses what was not synced.
const sectorSize = 512

// errPowerCut is what every operation returns after the power has gone.
var errPowerCut = errors.New("power cut")

// crashFS is a file system in memory that loses power at a chosen operation.
// Then only what was synced is sure to be there: of the rest each sector of a
// file, and each change of a name, survives by chance.
type crashFS struct {
	now     map[string][]byte // as programs see it
	durable map[string][]byte // as the disk has it
	synced  map[string]int    // bytes of now that are durable
	budget  int               // operations until the power goes; below 0 never
	survive float64           // chance of an unsynced sector
	random  *rand.Rand
	cut     bool
	inPlace bool // negative control: write without temporary file and sync
}

func newCrashFS(seed uint64, survive float64) *crashFS {
	return &crashFS{
		now: map[string][]byte{}, durable: map[string][]byte{}, synced: map[string]int{},
		budget: -1, survive: survive, random: rand.New(rand.NewPCG(seed, 7)),
	}
}

// step counts an operation; at the last one the power goes.
func (c *crashFS) step() error {
	if c.cut {
		return errPowerCut
	}
	if c.budget == 0 {
		c.cut = true
		return errPowerCut
	}
	c.budget--
	return nil
}

// WriteSynced writes sector by sector, then syncs.
func (c *crashFS) WriteSynced(name string, data []byte) error {
	if c.inPlace {
		name = name[:len(name)-len(temporary)]
	}
	c.now[name] = nil
	for len(c.now[name]) < len(data) {
		if err := c.step(); err != nil {
			return err
		}
		have := len(c.now[name])
		c.now[name] = append(c.now[name], data[have:min(have+sectorSize, len(data))]...)
	}
	if c.inPlace {
		return nil
	}
	if err := c.step(); err != nil {
		return err
	}
	c.durable[name] = slices.Clone(c.now[name])
	return nil
}

// Rename changes a name, which is durable only after SyncFolder.
func (c *crashFS) Rename(oldName, newName string) error {
	if c.inPlace {
		return nil
	}
	if err := c.step(); err != nil {
		return err
	}
	c.now[newName] = c.now[oldName]
	delete(c.now, oldName)
	return nil
}

// SyncFolder makes all names durable.
func (c *crashFS) SyncFolder(string) error {
	if err := c.step(); err != nil {
		return err
	}
	if c.inPlace {
		return nil
	}
	c.durable = maps.Clone(c.now)
	return nil
}

// Read returns a file.
func (c *crashFS) Read(name string) ([]byte, error) {
	data, ok := c.now[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return data, nil
}

// Remove removes a file.
func (c *crashFS) Remove(name string) error {
	if err := c.step(); err != nil {
		return err
	}
	delete(c.now, name)
	return nil
}

// Names returns all names.
func (c *crashFS) Names(string) ([]string, error) {
	var names []string
	for name := range c.now {
		names = append(names, filepath.Base(name))
	}
	return names, nil
}

// restart is what the disk shows after the power has come back.
func (c *crashFS) restart() *crashFS {
	after := newCrashFS(c.random.Uint64(), c.survive)
	names := slices.Sorted(maps.Keys(c.now))
	for _, name := range append(names, slices.Sorted(maps.Keys(c.durable))...) {
		if _, done := after.now[name]; done {
			continue
		}
		if data, ok := c.afterCut(name); ok {
			after.now[name], after.durable[name] = data, data
		}
	}
	return after
}

// afterCut is what is left of one file.
func (c *crashFS) afterCut(name string) ([]byte, bool) {
	kept, wasDurable := c.durable[name]
	seen, exists := c.now[name]
	switch {
	case !exists: // Removed or renamed, perhaps not durably.
		return kept, wasDurable && c.random.Float64() >= c.survive
	case !wasDurable && c.random.Float64() >= c.survive && !c.inPlace:
		return nil, false
	case wasDurable && slices.Equal(kept, seen):
		return kept, true
	}
	if source, ok := c.syncedUnder(seen); ok && !wasDurable {
		return source, true // A rename that survived, of a file that was synced.
	}
	data := slices.Clone(seen)
	for at := 0; at < len(data); at += sectorSize {
		if c.random.Float64() >= c.survive {
			clear(data[at:min(at+sectorSize, len(data))])
		}
	}
	return data, true
}

// syncedUnder finds durable content that another name had when it was synced.
func (c *crashFS) syncedUnder(seen []byte) ([]byte, bool) {
	for _, data := range c.durable {
		if len(data) > 0 && slices.Equal(data, seen) {
			return data, true
		}
	}
	return nil, false
}
