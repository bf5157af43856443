package desync

import (
	"fmt"
	"strings"
	"testing"
)

// smuggler makes the list of the tool of that name anew, after what it tries:
// spellings of Transfer-Encoding that one server may see and another not, each
// with a body that they would divide differently.
func smuggler() (list []string) {
	for _, line := range append(bytewise(), codingLines...) {
		list = append(list, both(line)...)
	}
	for _, one := range codingLines {
		for _, other := range codingLines {
			list = append(list, both(one+"\r\n"+other)...)
		}
	}
	for _, length := range lengthLines {
		list = append(list, post(length+"\r\nTransfer-Encoding: chunked", "0\r\n\r\n"+inner), post(length+"\r\nContent-Length: 6", "0\r\n\r\nX"),
			post("Content-Length: 6\r\n"+length, "0\r\n\r\nX"), post(length, inner))
	}
	for _, body := range chunkBodies {
		list = append(list, post("Transfer-Encoding: chunked", body), post("Transfer-Encoding: chunked\r\nExpect: 100-continue", body))
	}
	return append(list, special()...)
}

// bytewise puts each byte in each place of the field.
func bytewise() (lines []string) {
	for b := range 256 {
		c := string([]byte{byte(b)})
		for _, form := range []string{
			"@Transfer-Encoding: chunked", "Transfer@Encoding: chunked", "Transfer-Encoding@: chunked", "Transfer-Encoding:@chunked", "Transfer-Encoding: @chunked",
			"Transfer-Encoding: chunked@", "Transfer-Encoding: chu@nked", "X: X@Transfer-Encoding: chunked", "X: X\r@Transfer-Encoding: chunked", "X: X\r\n@Transfer-Encoding: chunked",
			"Transfer-Encoding: chunked\r@", "Transfer-Encoding: chunked@, identity",
		} {
			lines = append(lines, strings.Replace(form, "@", c, 1))
		}
	}
	return lines
}

// both are CL.TE and TE.CL with a spelling of Transfer-Encoding.
func both(line string) []string {
	return []string{
		post("Content-Length: 6\r\n"+line, "0\r\n\r\nX"), post(line+"\r\nContent-Length: 4", "3b\r\n"+inner+strings.Repeat("x", 0x3b-len(inner))+"\r\n0\r\n\r\n"),
		post(line, "0\r\n\r\n"),
	}
}

func post(lines, body string) string {
	return "POST /attack HTTP/1.1\r\nHost: gateway.example\r\n" + lines + "\r\n\r\n" + body
}

// special are attacks that have a name of their own.
func special() []string {
	get := func(lines, body string) string {
		return "GET /attack HTTP/1.1\r\nHost: gateway.example\r\n" + lines + "\r\n\r\n" + body
	}
	return []string{
		get(fmt.Sprint("Content-Length: ", len(inner)), inner),                                                                           // CL.0
		post(fmt.Sprint("Content-Length: ", len(inner), "\r\nConnection: Content-Length"), inner),                                        // Its length is nominated.
		post("Transfer-Encoding: chunked\r\nConnection: Transfer-Encoding", "0\r\n\r\n"),                                                 // As is its coding.
		post(fmt.Sprint("Expect: 100-continue\r\nContent-Length: ", len(inner)), inner),                                                  // 0.CL by expectation
		get("Expect: 100-continue\r\nContent-Length: 0", inner),                                                                          //
		get("Expect: y 100-continue", inner),                                                                                             //
		post("Transfer-Encoding: chunked\r\nContent-Length: 0", "5\r\nhello\r\n0\r\n\r\n"+inner),                                         // TE.0
		"OPTIONS /attack HTTP/1.1\r\nHost: gateway.example\r\nTransfer-Encoding: chunked\r\n\r\n27\r\n" + inner[:0x27] + "\r\n0\r\n\r\n", // TE.0 with OPTIONS
		get("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 777", inner),                                            // A refused upgrade
		get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__", inner),                            // h2c
		get("Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5", "hello"),                                                   //
		"POST /attack HTTP/1.0\r\nHost: gateway.example\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
		"GET /attack HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + inner,
		"GET http://other.example/ HTTP/1.1\r\nHost: gateway.example\r\n\r\n",
		get("Host: other.example", ""), get("Host : other.example", ""), get(" Host: other.example", ""),
		post("Transfer-Encoding: chunked", "2;\nxx\r\n3b\r\n0\r\n\r\n"+inner+"\r\n0\r\n\r\n"),        // TERM.EXT
		post("Transfer-Encoding: chunked", "2;\rxx\r\n3b\r\n0\r\n\r\n"+inner+"\r\n0\r\n\r\n"),        // with a carriage return
		post("Transfer-Encoding: chunked", "2\nxx\r\n3b\r\n0\r\n\r\n"+inner+"\r\n0\r\n\r\n"),         // EXT.TERM
		post("Transfer-Encoding: chunked", "5\r\nAAAAAXX2\r\n45\r\n0\r\n\r\n"+inner+"\r\n0\r\n\r\n"), // TERM.SPILL
		post("Transfer-Encoding: chunked", "5\r\nAAAAA\r2\r\n45\r\n0\r\n\r\n"+inner+"\r\n0\r\n\r\n"),
		post("Transfer-Encoding: chunked", "5\r\nAAAAA\n2\r\n45\r\n0\r\n\r\n"+inner+"\r\n0\r\n\r\n"),
		"HEAD /attack HTTP/1.1\r\nHost: gateway.example\r\n\r\n" + inner,
	}
}

// sendSmuggler sends the whole list, each with a canary behind it.
func sendSmuggler(g *rig, step int) (sent int) {
	for i, one := range smuggler() {
		if i%step == 0 {
			g.run(one, pipelined, i)
			sent++
		}
	}
	return sent
}

func TestS6_Smuggler(t *testing.T) {
	l := &ledger{}
	sent := sendSmuggler(newRig(t, l, "http://"+startRaw(t, l).address), 1)
	if sent < 10_000 {
		t.Errorf("the list has %d requests, want 10000", sent)
	}
	fmt.Printf("S6: %d requests of the smuggler's list, %d findings (0)\n", sent, report(t, l))
}

func TestS6_Smuggler_NegativeControl(t *testing.T) {
	l := &ledger{}
	sendSmuggler(newLaxRig(t, l, startStandard(t, l)), 7)
	desyncs(t, l)
}
