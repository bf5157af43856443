package durabilitytest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/sallyport/sallyport/internal/control/store"
)

// childVariable holds the task of a process that is to be killed.
const childVariable = "SALLYPORT_TEST_DURABILITY_CHILD"

// writers is how many goroutines of a child write at once.
const writers = 4

// acknowledgement is what a child says of an update.
type acknowledgement struct {
	writer   string
	n        int
	revision store.Revision
}

func (a acknowledgement) String() string { return fmt.Sprintf("%s %d %d", a.writer, a.n, a.revision) }

// committing is what a child says before it commits.
const committing = "committing"

// task is "database|address|node|early": early acknowledges before the commit.
func child(task string) error {
	parts := strings.Split(task, "|")
	for _, d := range databases {
		if d.name != parts[0] {
			continue
		}
		s, err := d.open(context.Background(), parts[1])
		if err != nil {
			return err
		}
		return errors.Join(write(s, parts[2], parts[3] == "early"), s.Close())
	}
	return fmt.Errorf("there is no database %q", parts[0])
}

// write writes until the process is killed.
func write(s store.Store, node string, early bool) error {
	var mu sync.Mutex
	say := func(text string) {
		mu.Lock()
		defer mu.Unlock()
		// A reader that is gone is about to kill this process.
		_, _ = fmt.Println(text)
	}
	failed := make(chan error, writers)
	for i := range writers {
		go func() {
			for {
				if err := writeOne(s, fmt.Sprintf("%s%d", node, i), early, say); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

// writeOne makes the next record of a writer, with an audit entry that names it.
func writeOne(s store.Store, writer string, early bool, say func(string)) error {
	var a acknowledgement
	revision, err := s.Update(context.Background(), func(tx store.Tx) error {
		last := store.Key("last/" + writer)
		a = acknowledgement{writer: writer, n: 1}
		found, err := tx.Get(last)
		if err == nil {
			if a.n, err = strconv.Atoi(string(found.Value)); err != nil {
				return err
			}
			a.n++
		}
		text := []byte(strconv.Itoa(a.n))
		if err := tx.Put(last, string(last), text); err != nil {
			return err
		}
		key := store.Key("written/" + writer + "/" + string(text))
		if err := tx.Put(key, string(key), text); err != nil {
			return err
		}
		if _, err = tx.Audit([]byte(key)); err != nil {
			return err
		}
		if a.revision = tx.Revision() + 1; early {
			say(a.String())
		} else {
			say(committing)
		}
		return nil
	})
	if err == nil && !early {
		a.revision = revision
		say(a.String())
	}
	return err
}

// process is a child that writes.
type process struct {
	command *exec.Cmd
	out     *bufio.Scanner
}

func (d database) start(t *testing.T, address, node, mode string) *process {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childVariable+"="+strings.Join([]string{d.name, address, node, mode}, "|"))
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return &process{command: c, out: bufio.NewScanner(out)}
}

// kill kills the process when it has said so much: shortly after it began to
// commit, or after it acknowledged an update, with others under way. It returns
// all that the process acknowledged.
func (p *process) kill(t *testing.T, after int) []acknowledgement {
	t.Helper()
	var all []acknowledgement
	said := 0
	for p.out.Scan() {
		if said++; said == after {
			if err := p.command.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
		if p.out.Text() == committing {
			continue
		}
		var a acknowledgement
		if _, err := fmt.Sscanf(p.out.Text(), "%s %d %d", &a.writer, &a.n, &a.revision); err != nil {
			t.Errorf("the child says %q: %v", p.out.Text(), err)
		}
		all = append(all, a)
	}
	if said < after {
		t.Errorf("the child ended before it was killed")
	}
	_ = p.command.Wait() // It says that the process was killed.
	return all
}
