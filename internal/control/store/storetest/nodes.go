package storetest

import (
	"fmt"

	"github.com/sallyport/sallyport/internal/control/store"
)

// nodes opens a store on several nodes.
func (c *check) nodes(n int) []store.Store {
	c.Helper()
	stores := []store.Store{c.open()}
	for len(stores) < n {
		stores = append(stores, c.closing(c.suite.node(c.t, stores[0])))
	}
	return stores
}

func nodeCases() []testCase {
	return []testCase{
		{"a view sees every update that had returned on another node", func(c *check) {
			nodes := c.nodes(2)
			for i := range 20 {
				revision := c.commit(nodes[i%2], fmt.Sprintf("a=%d", i))
				c.equal(c.revision(nodes[1-i%2]), revision)
				c.equal(c.state(nodes[1-i%2]), fmt.Sprintf("a=%d", i))
			}
		}},
		{"no update is lost between nodes", func(c *check) {
			nodes := c.nodes(3)
			together(6, func(i int) {
				for range 10 {
					c.increment(nodes[i%3], "n")
				}
			})
			for _, s := range nodes {
				c.equal(c.state(s), "n=60")
				c.equal(c.revision(s), store.Revision(60))
			}
		}},
		{"a watch sees what other nodes commit", func(c *check) {
			nodes := c.nodes(2)
			first, second := c.watch(nodes[0], 0), c.watch(nodes[1], 0)
			for i := range 10 {
				c.commit(nodes[i%2], fmt.Sprintf("a=%d", i))
				c.wants(first, fmt.Sprintf("%d: a=%d", i+1, i))
				c.wants(second, fmt.Sprintf("%d: a=%d", i+1, i))
			}
		}},
		{"a node that closes leaves the others", func(c *check) {
			nodes := c.nodes(2)
			c.commit(nodes[1], "a=1")
			c.ok(nodes[1].Close())
			c.commit(nodes[0], "a=2")
			c.equal(c.state(nodes[0]), "a=2")
		}},
		{"an update that waits for another node gives up with its context", func(c *check) {
			nodes := c.nodes(2)
			c.commit(nodes[0], "a=1")
			c.givesUp(nodes[0], nodes[1])
		}},
		{"the past is the same on every node", func(c *check) {
			nodes := c.nodes(2)
			c.commit(nodes[0], "a=1")
			c.commit(nodes[1], "a=2")
			for _, s := range nodes {
				c.at(s, 1, func(r store.Reader) { c.equal(c.tree(r, ""), "a=1") })
			}
		}},
	}
}
