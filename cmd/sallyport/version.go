package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is the release; builds of other states say so.
const version = "0.1.0-dev"

// versionCommand prints what runs.
func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			text := "sallyport " + version
			if info, ok := debug.ReadBuildInfo(); ok {
				text += " (" + info.GoVersion + ")"
			}
			_, err := fmt.Fprintln(c.OutOrStdout(), text)
			return err
		},
	}
}
