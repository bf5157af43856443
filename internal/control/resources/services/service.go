package services

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// maxServiceName is how long the name of a service may be, in characters.
const maxServiceName = 50

// serviceName is the rule for names: they are parts of host names.
var serviceName = regexp.MustCompile(`^[a-zA-Z]([a-zA-Z0-9-]*[a-zA-Z0-9])?$`)

// serviceSecrets are what a service keeps that nobody is told.
var serviceSecrets = []resource.Secret{
	{Path: "properties.hostnameConfigurations.*.encodedCertificate"},
	{Path: "properties.hostnameConfigurations.*.certificatePassword"},
	{Path: "properties.certificates.*.encodedCertificate"},
	{Path: "properties.certificates.*.certificatePassword"},
}

// serviceKind is the kind of services, with what stands below them.
func serviceKind(children []*resource.Node) *resource.Node {
	return resource.New(access.Services, resource.Kind{
		Collection: "service", Title: "ApiManagementService", MaxName: maxServiceName,
		Contract: "ServiceResource", Update: "ServiceUpdateParameters",
		LongRunning: resource.Put | resource.Patch | resource.Delete,
		Secrets:     serviceSecrets,
		Keep:        []string{"properties.createdAtUtc", "systemData"},
		Stamps:      []string{"systemData.lastModifiedAt", "systemData.lastModifiedBy"},
		Hooks: resource.Hooks{
			Prepare: prepareService, Written: furnish, Deleting: softDelete, Present: presentService,
		},
		Actions:  serviceActions(),
		Children: children,
	})
}

func prepareService(s *resource.Session, e, old *resource.Entity) error {
	restore := e.Bool("restore", false)
	e.Unset("restore")
	if old == nil {
		restored, err := takeName(s, e, restore)
		if err != nil {
			return err
		}
		if restored != nil {
			e.Body = restored.Body
			return nil
		}
	}
	serviceDefaults(s, e)
	return takeCertificates(s, e, old)
}

// serviceDefaults fills in what a body leaves out.
func serviceDefaults(s *resource.Session, e *resource.Entity) {
	e.SetDefault("createdAtUtc", s.Stamp())
	e.SetDefault("notificationSenderEmail", "noreply@"+strings.ToLower(e.ID.Name())+".example")
	e.SetDefault("virtualNetworkType", "None")
	e.SetDefault("publicNetworkAccess", "Enabled")
	e.SetDefault("disableGateway", false)
	e.SetDefault("natGatewayState", natGateway(e))
	e.SetDefault("apiVersionConstraint", map[string]any{})
	e.SetDefault("developerPortalStatus", "Enabled")
	e.SetDefault("legacyPortalStatus", "Disabled")
	if sku, ok := e.Body["sku"].(map[string]any); ok {
		if _, given := sku["capacity"]; !given {
			sku["capacity"] = defaultCapacity(sku["name"])
		}
	}
	protocols(e)
	identify(e)
	stampSystemData(s, e)
}

// defaultCapacity is the number of units where none is given.
func defaultCapacity(sku any) json.Number {
	if sku == skuConsumption {
		return "0"
	}
	return "1"
}

// natGateway is the state of the gateway for outgoing calls: some SKUs have
// none.
func natGateway(e *resource.Entity) string {
	sku, _ := e.Body["sku"].(map[string]any)
	if name, _ := sku["name"].(string); name == skuConsumption || strings.HasSuffix(name, "V2") {
		return "Unsupported"
	}
	return "Disabled"
}

// switches are the protocols and ciphers that every service says whether it has
// on. It is never written.
var switches = []string{
	"Microsoft.WindowsAzure.ApiManagement.Gateway.Protocols.Server.Http2",
	"Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Backend.Protocols.Ssl30",
	"Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Backend.Protocols.Tls10",
	"Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Backend.Protocols.Tls11",
	"Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Ciphers.TripleDes168",
	"Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Ssl30",
	"Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls10",
	"Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls11",
}

// protocols says of every switch that it is off where the body does not say.
func protocols(e *resource.Entity) {
	custom, ok := e.Properties()["customProperties"].(map[string]any)
	if !ok {
		custom = map[string]any{}
		e.Set("customProperties", custom)
	}
	for _, name := range switches {
		if _, given := custom[name]; !given {
			custom[name] = "False"
		}
	}
}

// identify gives the identities of a service their ids, which follow from the
// service's own id and so stay what they are.
func identify(e *resource.Entity) {
	identity, ok := e.Body["identity"].(map[string]any)
	if !ok {
		return
	}
	kind, _ := identity["type"].(string)
	if kind != "" && kind != "None" {
		identity["tenantId"] = derivedGUID("tenant", "")
	}
	if strings.Contains(kind, "SystemAssigned") {
		identity["principalId"] = derivedGUID("principal", string(e.ID.Key()))
	}
	assigned, _ := identity["userAssignedIdentities"].(map[string]any)
	for id, value := range assigned {
		one, ok := value.(map[string]any)
		if !ok {
			one = map[string]any{}
			assigned[id] = one
		}
		one["principalId"] = derivedGUID("principal", strings.ToLower(id))
		one["clientId"] = derivedGUID("client", strings.ToLower(id))
	}
}

// derivedGUID is a GUID that follows from what it is of.
func derivedGUID(what, of string) string {
	sum := sha256.Sum256([]byte(what + "\x00" + of))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// stampSystemData notes who made the service, and who changed it last.
func stampSystemData(s *resource.Session, e *resource.Entity) {
	data, ok := e.Body["systemData"].(map[string]any)
	if !ok {
		data = map[string]any{"createdAt": s.Stamp(), "createdBy": s.Call.Name, "createdByType": "User"}
		e.Body["systemData"] = data
	}
	data["lastModifiedAt"], data["lastModifiedBy"], data["lastModifiedByType"] = s.Stamp(), s.Call.Name, "User"
}

// presentService adds what is computed: addresses, and the state, which is
// always reached already.
func presentService(s *resource.Session, e *resource.Entity) error {
	gateway := strings.TrimSuffix(s.GatewayURL(e.ID.Name()), "/")
	e.Set("gatewayUrl", gateway)
	e.Set("gatewayRegionalUrl", gateway)
	e.Set("portalUrl", sibling(gateway, e.ID.Name(), "portal"))
	e.Set("developerPortalUrl", PortalURL(s, e.ID.Name()))
	e.Set("scmUrl", sibling(gateway, e.ID.Name(), "scm"))
	e.Set("managementApiUrl", s.Call.Base)
	e.Set("provisioningState", "Succeeded")
	e.Set("targetProvisioningState", "")
	e.Set("platformVersion", "stv2")
	e.Set("publicIPAddresses", []any{})
	e.Body["etag"] = strings.Trim(e.ETag(), `"`)
	presentLocations(e, gateway)
	presentHostnames(e, gateway)
	return nil
}

// PortalURL is the address of the developer portal of a service.
func PortalURL(s *resource.Session, service string) string {
	if s.PortalURL != nil {
		if address := s.PortalURL(service); address != "" {
			return strings.TrimSuffix(address, "/")
		}
	}
	return sibling(strings.TrimSuffix(s.GatewayURL(service), "/"), service, "developer")
}

// sibling is the address of another part of a service: beside
// https://NAME.DOMAIN it is https://NAME.PART.DOMAIN, and below the gateway's
// where that has no name of its own.
func sibling(gateway, name, part string) string {
	scheme, host, ok := strings.Cut(gateway, "://")
	if domain, named := strings.CutPrefix(strings.ToLower(host), strings.ToLower(name)+"."); ok && named {
		return scheme + "://" + host[:len(name)] + "." + part + "." + domain
	}
	return gateway + "/" + part
}

// presentLocations completes the other locations of a service. Regions are kept
// as state: one installation has the address that it has.
func presentLocations(e *resource.Entity, gateway string) {
	list, _ := e.Properties()["additionalLocations"].([]any)
	for _, value := range list {
		if location, ok := value.(map[string]any); ok {
			location["gatewayRegionalUrl"] = gateway
			location["publicIPAddresses"] = []any{}
			location["platformVersion"] = "stv2"
			if _, given := location["disableGateway"]; !given {
				location["disableGateway"] = false
			}
		}
	}
}

// presentHostnames puts the built-in host name before those that were
// configured.
func presentHostnames(e *resource.Entity, gateway string) {
	_, builtIn, _ := strings.Cut(gateway, "://")
	configured, _ := e.Properties()["hostnameConfigurations"].([]any)
	standard := true
	for _, value := range configured {
		host, ok := value.(map[string]any)
		if !ok {
			continue
		}
		for _, flag := range []string{"defaultSslBinding", "negotiateClientCertificate"} {
			if _, given := host[flag]; !given {
				host[flag] = false
			}
		}
		if name, _ := host["hostName"].(string); strings.EqualFold(name, builtIn) {
			return
		}
		if host["type"] == "Proxy" && host["defaultSslBinding"] == true {
			standard = false
		}
	}
	e.Set("hostnameConfigurations", append([]any{map[string]any{
		"type": "Proxy", "hostName": builtIn, "certificateSource": "BuiltIn",
		"defaultSslBinding": standard, "negotiateClientCertificate": false,
	}}, configured...))
}
