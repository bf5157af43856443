//go:build !linux

package backup

import "errors"

// exchange is what other systems cannot do in one step.
func exchange(string, string) error {
	return errors.New("this system cannot exchange two folders in one step: move the old one away first")
}

// inUse does not matter where nothing can be exchanged.
func inUse(string) (bool, error) { return false, nil }
