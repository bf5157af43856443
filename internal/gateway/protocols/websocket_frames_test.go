package protocols

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// The opcodes of frames (RFC 6455 §5.2).
const (
	opContinue = 0
	opText     = 1
	opBinary   = 2
	opClose    = 8
	opPing     = 9
	opPong     = 10
	fin        = 0x80
)

// frame makes a frame, masked as a client's is.
func frame(first byte, payload string) string { return frameOf(first, payload, true) }

func frameOf(first byte, payload string, masked bool) string {
	head := []byte{first, 0}
	switch n := len(payload); {
	case n < 126:
		head[1] = byte(n)
	case n < 1<<16:
		head = binary.BigEndian.AppendUint16([]byte{first, 126}, uint16(n))
	default:
		head = binary.BigEndian.AppendUint64([]byte{first, 127}, uint64(n))
	}
	if !masked {
		return string(head) + payload
	}
	head[1] |= 0x80
	mask := [4]byte{1, 2, 3, 4}
	body := []byte(payload)
	for i := range body {
		body[i] ^= mask[i%4]
	}
	return string(head) + string(mask[:]) + string(body)
}

// closing makes a Close frame with a code and a reason.
func closing(code uint16, reason string) string {
	return frame(fin|opClose, string(binary.BigEndian.AppendUint16(nil, code))+reason)
}

// streamCase is what one side of a WebSocket sends.
type streamCase struct{ name, bytes string }

// streamCases are streams of frames, good and bad. The gateway is to pass each of
// them on as it is.
func streamCases() (all []streamCase) {
	add := func(name, bytes string) { all = append(all, streamCase{name, bytes}) }
	for _, n := range []int{0, 1, 125, 126, 127, 128, 65535, 65536, 65537, 1 << 20} {
		add(fmt.Sprint("text of ", n), frame(fin|opText, strings.Repeat("x", n)))
		add(fmt.Sprint("binary of ", n), frame(fin|opBinary, strings.Repeat("\xff", n)))
	}
	add("text that is not ASCII", frame(fin|opText, "Grüße, 世界 🚀"))
	add("two pieces", frame(opText, "he")+frame(fin|opContinue, "llo"))
	add("many pieces", frame(opBinary, "a")+strings.Repeat(frame(opContinue, "b"), 1000)+frame(fin|opContinue, ""))
	add("empty pieces", frame(opText, "")+frame(opContinue, "")+frame(fin|opContinue, ""))
	add("a letter in two pieces", frame(opText, "\xc3")+frame(fin|opContinue, "\xa4"))
	add("many messages", strings.Repeat(frame(fin|opText, "message"), 1000))
	add("ping", frame(fin|opPing, ""))
	add("ping with payload", frame(fin|opPing, strings.Repeat("p", 125)))
	add("pong nobody asked for", frame(fin|opPong, "pong"))
	add("pings between pieces", frame(opText, "a")+frame(fin|opPing, "1")+frame(opContinue, "b")+frame(fin|opPong, "2")+frame(fin|opContinue, "c"))
	add("many pings", strings.Repeat(frame(fin|opPing, "ping"), 500))
	add("close", frame(fin|opClose, ""))
	for _, code := range []uint16{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4999} {
		add(fmt.Sprint("close ", code), frame(fin|opText, "last words")+closing(code, "reason"))
	}
	add("close with the longest reason", closing(1000, strings.Repeat("r", 123)))
	return append(all, badStreams()...)
}

// badStreams break the protocol of WebSocket, which is for its ends to say.
func badStreams() (all []streamCase) {
	add := func(name, bytes string) { all = append(all, streamCase{name, bytes}) }
	for _, code := range []uint16{0, 999, 1004, 1005, 1006, 1015, 2999, 5000} {
		add(fmt.Sprint("invalid: close ", code), closing(code, ""))
	}
	for _, opcode := range []byte{3, 7, 11, 15} {
		add(fmt.Sprint("invalid: opcode ", opcode), frame(fin|opcode, "x"))
	}
	for _, bits := range []byte{0x40, 0x20, 0x10} {
		add(fmt.Sprintf("invalid: reserved bit %#x", bits), frame(fin|bits|opText, "x"))
	}
	add("invalid: close of one byte", frame(fin|opClose, "x"))
	add("invalid: text that is not UTF-8", frame(fin|opText, "\xff\xfe\x00"))
	add("invalid: long ping", frame(fin|opPing, strings.Repeat("p", 126)))
	add("invalid: ping in pieces", frame(opPing, "a")+frame(fin|opContinue, "b"))
	add("invalid: piece of nothing", frame(fin|opContinue, "x"))
	add("invalid: text in a text", frame(opText, "a")+frame(fin|opText, "b"))
	add("invalid: no mask", frameOf(fin|opText, "x", false))
	add("invalid: length in more bytes than needed", "\x81\xfe\x00\x01\x00\x00\x00\x00x")
	add("invalid: length of 63 bits", "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04data")
	add("invalid: frames behind a close", closing(1000, "")+frame(fin|opText, "x"))
	add("invalid: a request of HTTP", "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
	return all
}
