// Command sallyport is an API gateway that runs what Azure API Management runs.
// This package holds flags, roles and wiring, and nothing else.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/administer"
	"github.com/sallyport/sallyport/cmd/sallyport/author"
	"github.com/sallyport/sallyport/cmd/sallyport/backups"
	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/cmd/sallyport/counting"
	"github.com/sallyport/sallyport/cmd/sallyport/site"
)

// The exit codes.
const (
	exitOK     = 0 // it did what it was asked
	exitFailed = 1 // something is wrong with the configuration or the machine
	exitUsage  = 2 // the command line is wrong
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // A second signal does not wait for requests under way.
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run runs a command line until it is done or ctx ends, and returns the exit
// code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var usage *commandline.UsageError
	var found *commandline.ExitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &found):
		return found.Code // The command has said what it found.
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "sallyport: %v\nRun 'sallyport --help' for the commands and their flags.\n", err)
		return exitUsage
	}
	fmt.Fprintf(stderr, "sallyport: %v\n", err)
	return exitFailed
}

// rootCommand is the command line.
func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "sallyport",
		Short: "API management that anyone can run anywhere",
		Long: "Sallyport runs what Azure API Management runs: policy documents with C# expressions,\n" +
			"APIOps folders, OpenAPI documents.\n\n" +
			"Exit codes: 0 done, 1 failed, 2 wrong command line.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          commandline.NoArguments,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &commandline.UsageError{Err: err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(serveCommand(), gatewayCommand(), author.PolicyCommand(), author.ExprCommand(), counting.Command(), versionCommand())
	root.AddCommand(administer.Commands()...)
	root.AddCommand(backups.Commands(version)...)
	root.AddCommand(site.Command())
	return root
}
