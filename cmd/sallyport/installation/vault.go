package installation

import (
	"github.com/spf13/pflag"

	"github.com/sallyport/sallyport/internal/control/secret/vault"
	"github.com/sallyport/sallyport/internal/control/secret/vault/azure"
)

// Vault says which secrets that are kept elsewhere the management plane reads.
type Vault struct {
	// Identity is how it signs in to Azure Key Vault; see azure.Credentials.
	Identity string
	// Hosts are read beside those of Azure's own.
	Hosts []string
	// Folder is where file:/// references may lead; "" reads no files.
	Folder string
	// Source, where it is not nil, is read instead of all of these.
	Source vault.Source
}

// Bind declares the flags. env returns variables of the environment.
func (v *Vault) Bind(flags *pflag.FlagSet, env func(string) string) {
	flags.StringVar(&v.Identity, "key-vault-identity", env("SALLYPORT_KEY_VAULT_IDENTITY"),
		"how to sign in to Azure Key Vault: environment, workload, managed or none; "+
			"auto, which is the default, takes what the environment is set up for ($SALLYPORT_KEY_VAULT_IDENTITY)")
	flags.StringSliceVar(&v.Hosts, "key-vault-host", nil, "a host, or HOST:PORT, that answers as Azure Key Vault does, beside Azure's own")
	flags.StringVar(&v.Folder, "secrets-folder", env("SALLYPORT_SECRETS_FOLDER"),
		"folder of files that named values and certificates may refer to as file:///FOLDER/NAME ($SALLYPORT_SECRETS_FOLDER)")
}

// open makes the source of secrets, and what ends it.
func (v *Vault) open() (source vault.Source, closeAll func(), err error) {
	if v.Source != nil {
		return v.Source, func() {}, nil
	}
	credential, err := azure.Credentials(v.Identity)
	if err != nil {
		return nil, nil, err
	}
	reader := azure.New(azure.Options{Credential: credential, Hosts: v.Hosts})
	sources := vault.Sources{"https": reader}
	if v.Folder != "" {
		folder, err := vault.NewFolder(v.Folder)
		if err != nil {
			return nil, nil, err
		}
		sources["file"] = folder
	}
	return sources, reader.Close, nil
}
