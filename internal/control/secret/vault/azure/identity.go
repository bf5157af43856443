package azure

import (
	"fmt"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// The ways to sign in to vaults.
const (
	// IdentityAuto is whichever of the others the environment has been set up
	// for; none where there is no sign of any.
	IdentityAuto = "auto"
	// IdentityEnvironment is a service principal: AZURE_TENANT_ID, AZURE_CLIENT_ID
	// and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH.
	IdentityEnvironment = "environment"
	// IdentityWorkload is Microsoft Entra Workload ID, as in Kubernetes:
	// AZURE_FEDERATED_TOKEN_FILE.
	IdentityWorkload = "workload"
	// IdentityManaged is a managed identity of the machine.
	IdentityManaged = "managed"
	// IdentityNone signs in to no vault.
	IdentityNone = "none"
)

// Credentials returns what signs in to vaults in one of the ways, for use as
// Options.Credential. The identity of a reference chooses among managed
// identities, and among those of a workload.
func Credentials(identity string) (func(clientID string) (azcore.TokenCredential, error), error) {
	if identity == "" || identity == IdentityAuto {
		identity = detect(os.Getenv)
	}
	switch identity {
	case IdentityEnvironment, IdentityWorkload, IdentityManaged, IdentityNone:
	default:
		return nil, fmt.Errorf("%q is no way to sign in to key vaults: give %s", identity,
			strings.Join([]string{IdentityAuto, IdentityEnvironment, IdentityWorkload, IdentityManaged, IdentityNone}, ", "))
	}
	return func(clientID string) (azcore.TokenCredential, error) { return credential(identity, clientID) }, nil
}

// detect finds the way that the environment has been set up for. A machine's
// metadata service is asked only where it is said to be there: elsewhere the
// question takes long to fail.
func detect(env func(string) string) string {
	switch {
	case env("AZURE_FEDERATED_TOKEN_FILE") != "":
		return IdentityWorkload
	case env("AZURE_CLIENT_ID") != "" && (env("AZURE_CLIENT_SECRET") != "" || env("AZURE_CLIENT_CERTIFICATE_PATH") != ""):
		return IdentityEnvironment
	case env("IDENTITY_ENDPOINT") != "" || env("MSI_ENDPOINT") != "":
		return IdentityManaged
	default:
		return IdentityNone
	}
}

// credential makes what signs in.
func credential(identity, clientID string) (azcore.TokenCredential, error) {
	switch identity {
	case IdentityEnvironment:
		return azidentity.NewEnvironmentCredential(nil)
	case IdentityWorkload:
		return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{ClientID: clientID})
	case IdentityManaged:
		o := &azidentity.ManagedIdentityCredentialOptions{}
		if clientID != "" {
			o.ID = azidentity.ClientID(clientID)
		}
		return azidentity.NewManagedIdentityCredential(o)
	default:
		return nil, errNoIdentity
	}
}
