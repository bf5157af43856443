package place

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain gives the clients of the clouds credentials that open nothing.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-north-1", "AWS_EC2_METADATA_DISABLED": "true",
		"AZURE_STORAGE_ACCOUNT": "test", "AZURE_STORAGE_KEY": "dGVzdA==",
	} {
		_ = os.Setenv(name, value) // Before any test; a failure shows in all of them.
	}
	goleak.VerifyTestMain(m)
}
