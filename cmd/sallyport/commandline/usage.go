// Package commandline is what the commands share: how a command line that is
// wrong is told from one that failed.
package commandline

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// UsageError is a command line that is wrong, as opposed to one that failed.
type UsageError struct{ Err error }

// Error describes what is wrong.
func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap is what is wrong.
func (e *UsageError) Unwrap() error { return e.Err }

// Strict makes wrong arguments of a command, and of those below it, a
// UsageError that shows the right form. A command that only has others refuses
// names that none of them has.
func Strict(c *cobra.Command) {
	for _, below := range c.Commands() {
		Strict(below)
	}
	if c.HasSubCommands() {
		c.Args = func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			var names []string
			for _, below := range c.Commands() {
				names = append(names, below.Name())
			}
			return &UsageError{fmt.Errorf("%q is not a command of %s: there are %s", args[0], c.CommandPath(), strings.Join(names, ", "))}
		}
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		return
	}
	check := c.Args
	c.Args = func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return &UsageError{fmt.Errorf("%w: %s", err, c.UseLine())}
		}
		return nil
	}
}

// NoArguments refuses arguments where a command has none.
func NoArguments(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &UsageError{fmt.Errorf("%q is not a command of %s", args[0], c.CommandPath())}
}

// ExitError ends the program with a code that says what the command has found,
// where it has said so already.
type ExitError struct{ Code int }

// Error says the code.
func (e *ExitError) Error() string { return fmt.Sprintf("exit code %d", e.Code) }
