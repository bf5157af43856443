package main

import (
	"os"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/snapshot/disk"
)

// settingsFor makes what snapshots are compiled with. Without services,
// documents are only checked.
func settingsFor(services *policy.Services, o *gatewayOptions) (*snapshot.Settings, error) {
	compiler, err := o.runtime.Compiler()
	if err != nil {
		return nil, err
	}
	name, err := os.Hostname()
	if err != nil {
		name = "sallyport"
	}
	served := policies.All()
	if o.managed {
		served = policies.WithUnserved()
	}
	return &snapshot.Settings{
		Policies: served, Expressions: compiler, Services: services, MixedText: o.managed, Gateway: o.gatewayName,
		Deployment: host.Deployment{
			Region: o.region, ServiceID: o.serviceName, ServiceName: o.serviceName, GatewayID: o.gatewayID, InstanceID: name,
		},
	}, nil
}

// openStore opens the folder of generations, made and sealed at its first use.
// Without a folder nothing is kept.
func openStore(data string) (*disk.Store, error) {
	if data == "" {
		return nil, nil //nolint:nilnil // No folder is no store.
	}
	key, dir, err := disk.Prepare(data)
	if err != nil {
		return nil, err
	}
	return disk.Open(disk.OS{}, dir, key)
}
