//go:build !linux

package server

import "errors"

// parking exists on Linux only. Elsewhere an idle connection keeps its goroutine.
type parking struct{}

func newParking(func(*conn)) (*parking, error) { return nil, errors.ErrUnsupported }

func (*parking) put(*conn) bool    { return false }
func (*parking) remove(*conn) bool { return false }
func (*parking) takeAny() *conn    { return nil }
func (*parking) close()            {}
