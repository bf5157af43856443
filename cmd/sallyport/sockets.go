package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// firstSocket is the descriptor of the first socket that a process is started
// with (sd_listen_fds(3)).
const firstSocket = 3

// maxSockets bounds the sockets that are looked at.
const maxSockets = 16

// socketFlags are the flags whose sockets can be handed over, in the order that
// holds where the sockets have no names.
var socketFlags = []string{"--listen", "--listen-tls", "--admin", "--http3"}

// listenOn opens the socket of a flag, or takes the one that the process was
// started with. The error says what to do.
func listenOn(ctx context.Context, flag, address string) (net.Listener, error) {
	file := handedOver(flag)
	if file != nil {
		defer file.Close() //nolint:errcheck // The listener has a descriptor of its own.
		l, err := net.FileListener(file)
		if err != nil {
			return nil, fmt.Errorf("taking over the socket for %s (descriptor %d): %w", flag, file.Fd(), err)
		}
		return l, nil
	}
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("listening on %s: another program uses this address: stop it, or choose another address with %s", address, flag)
	case err != nil:
		return nil, fmt.Errorf("listening on %s: %w (choose the address with %s, such as 127.0.0.1:8080 or :8080)", address, err, flag)
	}
	return l, nil
}

// packetsOn opens the UDP socket of a flag, or takes the one that the process was
// started with.
func packetsOn(ctx context.Context, flag, address string) (net.PacketConn, error) {
	if file := handedOver(flag); file != nil {
		defer file.Close() //nolint:errcheck // As above.
		c, err := net.FilePacketConn(file)
		if err != nil {
			return nil, fmt.Errorf("taking over the socket for %s (descriptor %d): %w", flag, file.Fd(), err)
		}
		return c, nil
	}
	var c net.ListenConfig
	socket, err := c.ListenPacket(ctx, "udp", address)
	if err != nil {
		return nil, fmt.Errorf("opening the UDP port of %s: %w", address, err)
	}
	return socket, nil
}

// handedOver returns the socket of a flag that the process was started with, or
// nil: by the protocol of systemd's socket activation, which any program can
// speak that starts another. A gateway that shares its socket with the one that
// follows it can be exchanged without refusing a connection.
func handedOver(flag string) *os.File {
	if pid := os.Getenv("LISTEN_PID"); pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return nil // The sockets are another process's.
	}
	count, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil || count < 1 {
		return nil // There are none.
	}
	n := socketOf(flag, strings.Split(os.Getenv("LISTEN_FDNAMES"), ":"))
	if n < 0 || n >= min(count, maxSockets) {
		return nil // There is none for this flag.
	}
	return os.NewFile(uintptr(firstSocket+n), flag)
}

// socketOf returns the number of a flag's socket, or -1: by its name, such as
// "listen", or by the order of socketFlags where the sockets have no such names.
func socketOf(flag string, names []string) int {
	if n := slices.Index(names, strings.TrimPrefix(flag, "--")); n >= 0 {
		return n
	}
	for _, f := range socketFlags {
		if slices.Contains(names, strings.TrimPrefix(f, "--")) {
			return -1
		}
	}
	return slices.Index(socketFlags, flag)
}
