// Package rotation tests the program while its credentials are exchanged under
// load: keys of subscriptions and of gateways, certificates for clients and for
// backends, and the key of the installation.
package rotation
