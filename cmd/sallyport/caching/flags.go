package caching

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/cache/memory"
	"github.com/sallyport/sallyport/internal/cache/redis"
)

// Flags are what the command line says of caches.
type Flags struct {
	// Size bounds the internal cache.
	Size Bytes
	// Wait bounds the wait for another request's answer; 0 for no wait.
	Wait time.Duration
	// Timeout bounds a look-up in the external cache.
	Timeout time.Duration
}

// maxTimeout is the longest time that a look-up may be given: beyond it a cache is
// no help.
const maxTimeout = time.Second

// Bind declares the flags.
func (f *Flags) Bind(c *cobra.Command) {
	f.Size = memory.DefaultMaxBytes
	c.Flags().Var(&f.Size, "cache-size", "memory of the internal cache, for responses and values together")
	c.Flags().DurationVar(&f.Wait, "cache-wait", cache.DefaultFlightWait,
		"how long a request waits for an equal one that is fetching a response to be cached; 0 for not at all")
	c.Flags().DurationVar(&f.Timeout, "cache-timeout", redis.GetTimeout, "how long a request waits for the external cache")
}

// check says what is wrong with the flags.
func (f *Flags) check() error {
	switch {
	case f.Size != 0 && f.Size < memory.MinMaxBytes:
		return &commandline.UsageError{Err: fmt.Errorf("--cache-size is %s: the least is %s", &f.Size, sizeText(memory.MinMaxBytes))}
	case f.Wait < 0:
		return &commandline.UsageError{Err: errors.New("--cache-wait is negative: give 0 for no wait")}
	case f.Timeout < 0 || f.Timeout > maxTimeout:
		return &commandline.UsageError{Err: fmt.Errorf("--cache-timeout must be between 0 and %s", maxTimeout)}
	}
	return nil
}

// Bytes is a size on the command line: a number with KiB, MiB or GiB behind it, or
// none for bytes.
type Bytes int64

// units are the units of sizes, the largest first.
var units = []struct {
	name string
	size Bytes
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}

// maxSize bounds what is taken for a size, in bytes.
const maxSize = 1 << 50

// Set reads a size.
func (b *Bytes) Set(text string) error {
	number, unit := strings.TrimSpace(text), Bytes(1)
	for _, u := range units {
		if rest, ok := strings.CutSuffix(number, u.name); ok {
			number, unit = strings.TrimSpace(rest), u.size
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 || n > int64(maxSize/unit) {
		return fmt.Errorf("%q is no size: give one as 256MiB", text)
	}
	*b = Bytes(n) * unit
	return nil
}

// String returns the size in the largest unit that divides it.
func (b *Bytes) String() string { return sizeText(*b) }

func sizeText(b Bytes) string {
	for _, u := range units {
		if b >= u.size && b%u.size == 0 {
			return strconv.FormatInt(int64(b/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// Type names the form in the help.
func (*Bytes) Type() string { return "size" }
