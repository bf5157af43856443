package services

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// managedGateway is the name by which the gateway of the service itself is
// meant, which is no resource.
const managedGateway = "managed"

// gatewayKind is the kind of self-hosted gateways.
func gatewayKind() *resource.Node {
	return resource.New(access.Gateways, resource.Kind{
		Collection: "gateways", Title: "Gateway", Contract: "GatewayContract", Filter: "GatewayClientListByService",
		Secrets: []resource.Secret{{Path: "properties.primaryKey"}, {Path: "properties.secondaryKey"}, {Path: "properties.debugKey"}},
		Keep:    []string{"properties.primaryKey", "properties.secondaryKey", "properties.debugKey"},
		Hooks:   resource.Hooks{Prepare: prepareGateway},
		Actions: []resource.Action{
			{Path: "listKeys", Permission: access.ListKeys, Writes: true, Missing: true, Run: gatewayKeys},
			{Path: "regenerateKey", Permission: access.RegenerateKey, Body: "GatewayKeyRegenerationRequestContract",
				Writes: true, Missing: true, Run: regenerateGatewayKey},
			{Path: "generateToken", Permission: access.GenerateToken, Body: "GatewayTokenRequestContract",
				Writes: true, Missing: true, Run: gatewayToken},
			{Path: "listDebugCredentials", Permission: access.ListDebugCredentials, Body: "GatewayListDebugCredentialsContract",
				Writes: true, Missing: true, Run: debugCredentials},
			{Path: "invalidateDebugCredentials", Permission: access.InvalidateDebugCredentials,
				Writes: true, Missing: true, Run: invalidateDebug},
			{Path: "listTrace", Permission: access.ListTrace, Body: "GatewayListTraceContract", Missing: true, Run: listTrace},
		},
		Reads:    []resource.Action{{Path: "sallyportInstances", Missing: true, Run: gatewayInstances}},
		Children: []*resource.Node{gatewayAPIs(), gatewayAuthorities(), gatewayHostnames()},
	})
}

// gatewaySecrets are the keys that every self-hosted gateway has. It is never
// written.
var gatewaySecrets = []string{"primaryKey", "secondaryKey", "debugKey"}

func prepareGateway(s *resource.Session, e, _ *resource.Entity) error {
	if strings.EqualFold(e.ID.Name(), managedGateway) {
		return resource.Invalid("gatewayId", "%s is the gateway of the service itself", managedGateway)
	}
	for _, name := range gatewaySecrets {
		e.SetDefault(name, s.NewKey()+s.NewKey())
	}
	return nil
}

// gatewayAPIs is the kind of the APIs that a self-hosted gateway runs.
func gatewayAPIs() *resource.Node {
	return resource.New(access.GatewayAPIs, resource.Kind{
		Collection: "apis", Title: "GatewayApi", MaxName: 256, HeadOnly: true, Create: "AssociationContract",
		Verbs:  resource.List | resource.Put | resource.Delete,
		Filter: "GatewayAPIClientListByService",
		Hooks: resource.Hooks{
			Find: func(_ *resource.Session, id resource.ID) (resource.ID, error) {
				root, _ := resource.SplitRevision(id.Name())
				return id.Collection() + "/" + resource.ID(root), nil
			},
			Prepare: func(s *resource.Session, e, _ *resource.Entity) error {
				_, err := s.Get(e.ID.Service().Child("apis", e.ID.Name()))
				return err
			},
			Target: func(s *resource.Session, link *resource.Entity) (*resource.Entity, error) {
				api, err := s.Lookup(link.ID.Service().Child("apis", link.ID.Name()))
				if err != nil || api == nil {
					return nil, err
				}
				api = api.Clone()
				api.Body["id"], api.Body["type"] = string(link.ID), resource.Type(link.ID)
				return api, nil
			},
		},
	})
}

// gatewayAuthorities is the kind of the certificate authorities that a
// self-hosted gateway trusts.
func gatewayAuthorities() *resource.Node {
	return resource.New(access.GatewayCertificateAuthorities, resource.Kind{
		Collection: "certificateAuthorities", Title: "GatewayCertificateAuthority", Verbs: resource.NoPatch,
		Contract: "GatewayCertificateAuthorityContract", Filter: "GatewayCertificateAuthorityClientListByService",
		Hooks: resource.Hooks{Prepare: func(_ *resource.Session, e, _ *resource.Entity) error {
			e.SetDefault("isTrusted", false)
			return nil
		}},
	})
}

// gatewayHostnames is the kind of the host names of a self-hosted gateway.
func gatewayHostnames() *resource.Node {
	return resource.New(access.GatewayHostnameConfigurations, resource.Kind{
		Collection: "hostnameConfigurations", Title: "GatewayHostnameConfiguration", Verbs: resource.NoPatch,
		Contract: "GatewayHostnameConfigurationContract", Filter: "GatewayHostnameConfigurationClientListByService",
		Hooks: resource.Hooks{Prepare: func(s *resource.Session, e, _ *resource.Entity) error {
			e.SetDefault("negotiateClientCertificate", false)
			for _, old := range []string{"tls10Enabled", "tls11Enabled"} {
				if e.Bool(old, false) {
					return resource.Invalid("properties."+old, "gateways speak TLS 1.2 and 1.3, and no version before: leave it out, or say false")
				}
			}
			if e.Text("certificateId") == "" {
				return nil
			}
			id, err := s.Require(e.ID, "properties.certificateId", e.Text("certificateId"))
			if err != nil {
				return err
			}
			e.Set("certificateId", string(id))
			return nil
		}},
	})
}
