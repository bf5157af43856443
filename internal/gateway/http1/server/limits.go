package server

import "time"

// The limits of client connections. The names appear in what clients are told.
const (
	// HeadTimeout bounds the time to send a request's head.
	HeadTimeout = 10 * time.Second
	// BodyTimeout bounds how far a client may be behind MinRate while it sends a
	// body; one that sends nothing is as far behind as it has been silent.
	BodyTimeout = 60 * time.Second
	// WriteTimeout is the time in which a client must have taken what is written to
	// it, or as much as MinRate makes of that time.
	WriteTimeout = 60 * time.Second
	// MinRate is how many bytes a second a client must send of a body, and take of
	// an answer. Only the time counts in which the gateway waits for it.
	MinRate = 240
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
