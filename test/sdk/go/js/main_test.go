package js

import (
	"os"
	"testing"

	"github.com/sallyport/sallyport/test/sdk/go/serve"
)

func TestMain(m *testing.M) { os.Exit(serve.Main(m)) }
