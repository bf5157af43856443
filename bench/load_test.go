package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
)

// connections is how many clients call at once, on a connection each.
const connections = 64

// load sends n requests over keep-alive connections and fails where one is not
// answered with 200.
func load(b *testing.B, address, head string, n int) {
	b.Helper()
	request := []byte(head)
	var wait sync.WaitGroup
	failed := make(chan error, connections)
	for range connections {
		wait.Go(func() {
			if err := client(address, request, n/connections); err != nil {
				failed <- err
			}
		})
	}
	wait.Wait()
	select {
	case err := <-failed:
		b.Fatal(err)
	default:
	}
}

// client sends requests one after the other.
func client(address string, request []byte, n int) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	r := bufio.NewReaderSize(c, 16<<10)
	for range n {
		if _, err := c.Write(request); err != nil {
			return err
		}
		response, err := http.ReadResponse(r, nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("answered with %s", response.Status)
		}
	}
	return nil
}
