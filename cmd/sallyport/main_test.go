package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// TestMain lets scripts and tests run this binary as the command itself.
func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	testscript.Main(leakChecked{m}, map[string]func(){"sallyport": main})
}

// asCommand is set where the test binary is to be the command.
const asCommand = "SALLYPORT_TEST_AS_COMMAND"

// leakChecked fails the run where goroutines are left behind.
type leakChecked struct{ m *testing.M }

// Run runs the tests.
func (l leakChecked) Run() int {
	code := l.m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			println("goroutines are left behind:", err.Error())
			return 1
		}
	}
	return code
}

// TestScripts runs the command line as users do.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true})
}
