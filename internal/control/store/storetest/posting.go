package storetest

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/control/store"
)

// postingCases are about accounts in views and updates.
func postingCases() []testCase {
	return []testCase{
		{"a view sees the accounts of its moment", func(c *check) {
			s := c.filled("a=1", "a=2")
			l := c.ledger(s)
			c.post(l, "a=1", "b=1")
			c.ok(s.View(c.ctx(), func(r store.Reader) error {
				c.post(l, "a=2", "c=2")
				c.ok(l.Post(c.ctx(), func(tx store.LedgerTx) error {
					_, err := tx.Remove("b", "c", 1)
					return err
				}))
				c.accounts(r, "a=1", "b=1")
				return nil
			}))
			c.ok(s.ViewAt(c.ctx(), 1, func(r store.Reader) error {
				c.accounts(r, "a=2", "c=2")
				return nil
			}))
		}},
		{"an update posts, and its records and accounts are there together", func(c *check) {
			s := c.filled("a=1")
			l := c.ledger(s)
			c.post(l, "a=1", "b=1")
			c.ok(c.posting(s, "a=2", func(tx store.LedgerTx) error {
				n, err := tx.Remove("a", "b", 10)
				c.equal(n, 1)
				if err != nil {
					return err
				}
				if err := tx.Set(accountsOf([]string{"c=2"})); err != nil {
					return err
				}
				found, err := tx.Balances([]string{"a", "b", "c"})
				c.equal(fmt.Sprintf("%s %s %d", found["b"], found["c"], len(found)), "1 2 2")
				c.accounts(tx, "b=1", "c=2")
				return err
			}))
			c.balances(l, "", "~", "b=1", "c=2")
			c.equal(c.state(s), "a=2")
		}},
	}
}

// postingLimitCases are about updates that post and fail, and those beside them.
func postingLimitCases() []testCase {
	return []testCase{
		{"an update that fails has posted nothing", func(c *check) {
			s := c.filled("a=1")
			l := c.ledger(s)
			c.post(l, "a=1")
			c.is(c.posting(s, "a=2", func(tx store.LedgerTx) error {
				if err := tx.Set(accountsOf([]string{"a=2", "b=2"})); err != nil {
					return err
				}
				return errRefused
			}), errRefused)
			c.balances(l, "", "~", "a=1")
			c.post(l, "a=3") // Others may post again.
			c.balances(l, "", "~", "a=3")
			c.equal(c.state(s), "a=1")
		}},
		{"an update that posts needs an audit entry", func(c *check) {
			s := c.filled("a=1")
			_, err := s.Update(c.ctx(), func(tx store.Tx) error {
				l, err := c.poster(tx).Posting()
				if err != nil {
					return err
				}
				return l.Set(accountsOf([]string{"a=2"}))
			})
			c.is(err, store.ErrUnaudited)
			c.balances(c.ledger(s), "", "~")
		}},
		{"no post is lost beside updates that post", func(c *check) {
			s := c.filled("a=1")
			together(4, func(i int) {
				for n := range 5 {
					if i%2 == 0 {
						c.addOne(c.ledger(s), "n")
						continue
					}
					c.ok(c.posting(s, fmt.Sprintf("b%d=%d", i, n), addStroke))
				}
			})
			c.balances(c.ledger(s), "", "~", "n=||||||||||||||||||||")
		}},
	}
}

// addStroke adds a stroke to the account n.
func addStroke(tx store.LedgerTx) error {
	found, err := tx.Balances([]string{"n"})
	if err != nil {
		return err
	}
	return tx.Set([]store.Account{{Key: "n", Value: append(found["n"], '|')}})
}

// posting updates a record, written "key=value", and posts in the same update.
func (c *check) posting(s store.Store, record string, f func(store.LedgerTx) error) error {
	c.Helper()
	_, err := s.Update(c.ctx(), func(tx store.Tx) error {
		l, err := c.poster(tx).Posting()
		if err != nil {
			return err
		}
		if err := apply(tx, []string{record}); err != nil {
			return err
		}
		return f(l)
	})
	return err
}

func (c *check) poster(tx store.Tx) store.Poster {
	c.Helper()
	p, ok := tx.(store.Poster)
	if !ok {
		c.Fatalf("%T posts nothing", tx)
	}
	return p
}

// accounts demands all accounts of a view or an update.
func (c *check) accounts(r any, want ...string) {
	c.Helper()
	reader, ok := r.(store.AccountReader)
	if !ok {
		c.Fatalf("%T has no accounts", r)
	}
	found, err := reader.Accounts("", "~", store.MaxLedgerBatch)
	c.ok(err)
	var got []string
	for _, a := range found {
		got = append(got, fmt.Sprintf("%s=%s", a.Key, a.Value))
	}
	c.equal(got, want)
}
