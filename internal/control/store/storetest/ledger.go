package storetest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/store"
)

// ledger is a store as a ledger.
func (c *check) ledger(s store.Store) store.Ledger {
	c.Helper()
	l, ok := s.(store.Ledger)
	if !ok {
		c.Fatalf("%T is no ledger", s)
	}
	return l
}

// post sets accounts, written "key=value".
func (c *check) post(l store.Ledger, accounts ...string) {
	c.Helper()
	c.ok(l.Post(c.ctx(), func(tx store.LedgerTx) error { return tx.Set(accountsOf(accounts)) }))
}

func accountsOf(texts []string) []store.Account {
	var list []store.Account
	for _, text := range texts {
		key, value, _ := strings.Cut(text, "=")
		list = append(list, store.Account{Key: key, Value: []byte(value)})
	}
	return list
}

// balances demands the accounts from one key up to another.
func (c *check) balances(l store.Ledger, from, to string, want ...string) {
	c.Helper()
	found, err := l.Accounts(c.ctx(), from, to, store.MaxLedgerBatch)
	c.ok(err)
	var got []string
	for _, a := range found {
		got = append(got, fmt.Sprintf("%s=%s", a.Key, a.Value))
	}
	c.equal(got, want)
}

// addOne adds a stroke to an account.
func (c *check) addOne(l store.Ledger, key string) {
	c.Helper()
	c.ok(l.Post(c.ctx(), func(tx store.LedgerTx) error {
		found, err := tx.Balances([]string{key})
		if err != nil {
			return err
		}
		return tx.Set([]store.Account{{Key: key, Value: append(found[key], '|')}})
	}))
}

// errRefused is an error of the case's own.
var errRefused = errors.New("refused by the case")

func ledgerCases() []testCase {
	return []testCase{
		{"accounts are set, replaced and read in the order of their bytes", func(c *check) {
			l := c.ledger(c.open())
			c.balances(l, "", "~")
			c.post(l, "b=1", "a/2=x", "a/10=y", "A=z", "a-1=w")
			c.post(l, "b=2")
			c.balances(l, "", "~", "A=z", "a-1=w", "a/10=y", "a/2=x", "b=2")
			c.balances(l, "a/", "a0", "a/10=y", "a/2=x")
			c.balances(l, "a/10", "a/2", "a/10=y")
			some, err := l.Accounts(c.ctx(), "", "~", 2)
			c.ok(err)
			c.equal(len(some), 2)
		}},
		{"a post sees what it wrote, and an account that is not there is missing", func(c *check) {
			l := c.ledger(c.open())
			c.post(l, "a=1")
			c.ok(l.Post(c.ctx(), func(tx store.LedgerTx) error {
				if err := tx.Set(accountsOf([]string{"b=2", "c="})); err != nil {
					return err
				}
				found, err := tx.Balances([]string{"a", "b", "c", "d"})
				c.equal(fmt.Sprintf("%s %s %d %d", found["a"], found["b"], len(found["c"]), len(found)), "1 2 0 3")
				return err
			}))
		}},
		{"what a post that fails wrote never was", func(c *check) {
			l := c.ledger(c.open())
			c.post(l, "a=1")
			c.is(l.Post(c.ctx(), func(tx store.LedgerTx) error {
				if err := tx.Set(accountsOf([]string{"a=2", "b=2"})); err != nil {
					return err
				}
				if _, err := tx.Remove("a", "b", 10); err != nil {
					return err
				}
				return errRefused
			}), errRefused)
			c.balances(l, "", "~", "a=1")
		}},
	}
}

// ledgerLimitCases are about what others do, and what is refused.
func ledgerLimitCases() []testCase {
	return []testCase{
		{"accounts are removed, the first ones first", func(c *check) {
			l := c.ledger(c.open())
			c.post(l, "a/1=", "a/2=", "a/3=", "b=")
			c.ok(l.Post(c.ctx(), func(tx store.LedgerTx) error {
				n, err := tx.Remove("a/", "a0", 2)
				c.equal(n, 2)
				return err
			}))
			c.balances(l, "", "~", "a/3=", "b=")
		}},
		{"no post is lost among many", func(c *check) {
			l := c.ledger(c.open())
			together(4, func(int) {
				for range 10 {
					c.addOne(l, "n")
				}
			})
			c.balances(l, "", "~", "n="+strings.Repeat("|", 40))
		}},
		{"accounts have no revision and are no records", func(c *check) {
			s := c.filled("a=1")
			c.post(c.ledger(s), "a=posted")
			c.equal(c.revision(s), store.Revision(1))
			c.equal(c.state(s), "a=1")
		}},
		{"what an account may not be", func(c *check) {
			l := c.ledger(c.open())
			for _, a := range []store.Account{
				{Key: ""}, {Key: "a b"}, {Key: "ä"}, {Key: strings.Repeat("a", store.MaxLedgerKey+1)},
				{Key: "a", Value: make([]byte, store.MaxLedgerValue+1)},
			} {
				c.is(l.Post(c.ctx(), func(tx store.LedgerTx) error { return tx.Set([]store.Account{a}) }), store.ErrInvalid)
			}
			_, err := l.Accounts(c.ctx(), "", "~", 0)
			c.is(err, store.ErrInvalid)
			c.balances(l, "", "~")
		}},
		{"a closed store posts nothing", func(c *check) {
			s := c.open()
			c.ok(s.Close())
			c.is(c.ledger(s).Post(c.ctx(), func(store.LedgerTx) error { return nil }), store.ErrClosed)
		}},
	}
}

func reopenedLedgerCase() testCase {
	return testCase{"what was posted is there when the store is opened again", func(c *check) {
		s := c.open()
		c.post(c.ledger(s), "a=1")
		c.ok(s.Close())
		c.balances(c.ledger(c.closing(c.suite.reopen(c.t, s))), "", "~", "a=1")
	}}
}

func ledgerNodesCase() testCase {
	return testCase{"no post is lost between nodes", func(c *check) {
		nodes := c.nodes(3)
		together(6, func(i int) {
			for range 5 {
				c.addOne(c.ledger(nodes[i%3]), "n")
			}
		})
		for _, s := range nodes {
			c.balances(c.ledger(s), "", "~", "n="+strings.Repeat("|", 30))
		}
	}}
}
