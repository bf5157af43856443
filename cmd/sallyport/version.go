package main

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
)

// version is the release; builds of other states say so.
const version = "0.1.0-dev"

// versionCommand prints what runs, and of what it is made.
func versionCommand() *cobra.Command {
	var bill bool
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  commandline.NoArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			info, ok := debug.ReadBuildInfo()
			if bill {
				if !ok {
					return errors.New("this program was built without the list of its modules")
				}
				return writeMaterials(c.OutOrStdout(), info)
			}
			text := "sallyport " + version
			if ok {
				text += " (" + info.GoVersion + ")"
			}
			_, err := fmt.Fprintln(c.OutOrStdout(), text)
			return err
		},
	}
	c.Flags().BoolVar(&bill, "sbom", false, "print the modules that the program is made of, as CycloneDX JSON")
	return c
}
