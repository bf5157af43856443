package dates

import (
	"testing"
	"time"
)

// TestWindowsZones checks that the time zone database has each zone that Windows names.
func TestWindowsZones(t *testing.T) {
	for windows, name := range windowsZones {
		if _, err := time.LoadLocation(name); err != nil {
			t.Errorf("%s: %v", windows, err)
		}
	}
}
