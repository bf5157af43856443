package server

import "time"

// The limits of client connections. The names appear in what clients are told.
const (
	// HeadTimeout bounds the time to send a request's head.
	HeadTimeout = 10 * time.Second
	// BodyTimeout bounds the time without a byte while a client sends a body.
	BodyTimeout = 60 * time.Second
	// WriteTimeout bounds the time without progress while a client reads.
	WriteTimeout = 60 * time.Second
	// IdleTimeout is how long a connection is kept without a request.
	IdleTimeout = 120 * time.Second
	// ProbeInterval is how often it is looked whether a client is still there
	// that waits for its answer.
	ProbeInterval = time.Second
	// HalfCloseTime is how long a request goes on whose client has ended its
	// direction of the connection: it may only have said all that it had to say,
	// and it may be gone.
	HalfCloseTime = 10 * time.Second
	// ParkTime is after how long without a request a connection gives up its
	// goroutine.
	ParkTime = 2 * time.Second
	// LingerTime is how long a client's bytes are thrown away after the last
	// answer, so that it can read that before the connection goes.
	LingerTime = 500 * time.Millisecond
	// MaxLingerBytes bounds what is thrown away in LingerTime.
	MaxLingerBytes = 256 << 10
	// MaxDiscard bounds what is read of a body that nobody wanted, in bytes, so
	// that the connection can go on. Beyond it the connection ends.
	MaxDiscard = 256 << 10
)
