package services_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/resources/services"
)

const (
	service  = resourcestest.Service
	zero     = "/subscriptions/00000000-0000-0000-0000-000000000000"
	provider = zero + "/providers/Microsoft.ApiManagement"
	group    = zero + "/resourceGroups/rg1/providers/Microsoft.ApiManagement"
)

// step is one request and what it has to answer.
type step struct {
	name, method, path string
	body               any
	headers            []string
	status             int
	want               map[string]any // By path in the answer.
	targets            []string
}

func run(t *testing.T, s *resourcestest.Server, steps []step) {
	t.Helper()
	for _, tt := range steps {
		t.Run(tt.name, func(t *testing.T) {
			status, _, body := s.Do(tt.method, tt.path, tt.body, tt.headers...)
			if status != tt.status {
				t.Fatalf("%s %s: status %d, not %d: %v", tt.method, tt.path, status, tt.status, body)
			}
			for path, want := range tt.want {
				if diff := cmp.Diff(want, resourcestest.At(body, path)); diff != "" {
					t.Errorf("%s: %s\n%v", path, diff, body)
				}
			}
			if tt.targets != nil {
				if diff := cmp.Diff(tt.targets, resourcestest.Targets(body)); diff != "" {
					t.Errorf("targets: %s\n%v", diff, body)
				}
			}
		})
	}
}

// plain is the body of a service.
const plain = `{"location":"West US","sku":{"name":"Developer","capacity":1},"properties":{"publisherEmail":"a@example.com","publisherName":"A"}}`

func TestService(t *testing.T) {
	s := resourcestest.New(t, nil)
	run(t, s, []step{
		{name: "get", method: "GET", path: service, status: 200, want: map[string]any{
			"id": service, "name": "apimService1", "type": "Microsoft.ApiManagement/service", "location": "West US", "sku.name": "Developer",
			"properties.provisioningState": "Succeeded", "properties.gatewayUrl": "https://apimService1.example",
			"properties.developerPortalUrl": "https://apimService1.developer.example", "properties.scmUrl": "https://apimService1.scm.example",
			"properties.managementApiUrl": "https://management.example", "properties.createdAtUtc": "2026-01-01T09:00:00Z",
			"properties.platformVersion": "stv2", "properties.virtualNetworkType": "None", "systemData.createdBy": "tester",
		}},
		{name: "again", method: "PUT", path: service, status: 200, body: `{"location":"West US","sku":{"name":"Premium"},"tags":{"a":"b"},
			"identity":{"type":"SystemAssigned"},
			"properties":{"publisherEmail":"a@example.com","publisherName":"A","customProperties":{"x":"True"},
			"hostnameConfigurations":[{"type":"Proxy","hostName":"api.example.org","encodedCertificate":"*** no PFX ***","certificatePassword":"p","defaultSslBinding":true}]}}`,
			want: map[string]any{"properties.createdAtUtc": "2026-01-01T09:00:00Z", "tags.a": "b", "properties.customProperties.x": "True", "sku.capacity": 1.0}},
		{name: "patch", method: "PATCH", path: service, body: `{"properties":{"publisherName":"B"},"tags":{"c":"d"}}`, status: 200,
			want: map[string]any{"properties.publisherName": "B", "tags.c": "d"}},
		{name: "no publisher", method: "PUT", path: group + "/service/other", body: `{"location":"West US","sku":{"name":"Developer"},"properties":{}}`,
			status: 400, targets: []string{"properties.publisherEmail", "properties.publisherName"}},
		{name: "bad name", method: "PUT", path: group + "/service/1other", body: plain, status: 400, targets: []string{"name"}},
		{name: "other group", method: "PUT", path: zero + "/resourceGroups/rg2/providers/Microsoft.ApiManagement/service/APIMservice1", body: plain, status: 409},
		{name: "nothing to restore", method: "PUT", path: group + "/service/other", status: 400,
			body: strings.Replace(plain, `"publisherName"`, `"restore":true,"publisherName"`, 1)},
		{name: "restore of what is there", method: "PUT", path: service, status: 200,
			body: strings.Replace(plain, `"publisherName"`, `"restore":true,"publisherName"`, 1)},
		{name: "stale", method: "PATCH", path: service, body: `{}`, headers: []string{"If-Match", `"0"`}, status: 412},
		{name: "second", method: "PUT", path: zero + "/resourceGroups/rg2/providers/Microsoft.ApiManagement/service/second", body: plain, status: 201},
		{name: "of the group", method: "GET", path: group + "/service", status: 200, want: map[string]any{"count": 1.0}},
		{name: "of the subscription", method: "GET", path: provider + "/service", status: 200, want: map[string]any{"count": 2.0}},
		{name: "of another subscription", method: "GET", path: "/subscriptions/11111111-0000-0000-0000-000000000000/providers/Microsoft.ApiManagement/service",
			status: 200, want: map[string]any{"count": 0.0}},
	})
}

func TestHostnamesKeepNoSecrets(t *testing.T) {
	s := resourcestest.New(t, nil)
	body := strings.Replace(plain, `"publisherName"`, `"hostnameConfigurations":[{"type":"Proxy","hostName":"api.example.org",
		"encodedCertificate":"cert","certificatePassword":"p","defaultSslBinding":true}],"publisherName"`, 1)
	answer := s.Must("PUT", service, body, http.StatusOK)
	hosts, _ := resourcestest.At(answer, "properties.hostnameConfigurations").([]any)
	if len(hosts) != 2 {
		t.Fatalf("there are the hosts %v", hosts)
	}
	want := map[string]any{
		"type": "Proxy", "hostName": "api.example.org", "defaultSslBinding": true, "negotiateClientCertificate": false, "certificateSource": "Custom",
	}
	if diff := cmp.Diff(want, hosts[1]); diff != "" {
		t.Error(diff)
	}
	builtIn, _ := hosts[0].(map[string]any)
	if builtIn["hostName"] != "apimService1.example" || builtIn["defaultSslBinding"] != false {
		t.Errorf("the built-in host is %v", builtIn)
	}
}

func TestCertificatesAreDescribed(t *testing.T) {
	s := resourcestest.New(t, nil)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca.example.org"}, NotAfter: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{{Raw: der}}, "p")
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{
		"der": der, "pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), "pkcs12": archive,
	} {
		t.Run(name, func(t *testing.T) {
			body := strings.Replace(plain, `"publisherName"`, `"certificates":[{"storeName":"Root","certificatePassword":"p","encodedCertificate":"`+
				base64.StdEncoding.EncodeToString(raw)+`"}],"publisherName"`, 1)
			s.Must("PUT", service, body, http.StatusOK)
			s.Must("PATCH", service, `{"tags":{"a":"b"}}`, http.StatusOK)
			list, _ := resourcestest.At(s.Get(""), "properties.certificates").([]any)
			one, _ := list[0].(map[string]any)
			if resourcestest.At(one, "certificate.subject") != "CN=ca.example.org" || resourcestest.At(one, "certificate.expiry") != "2030-01-01T00:00:00Z" {
				t.Errorf("the certificate is %v", one)
			}
			if one["encodedCertificate"] != nil || one["certificatePassword"] != nil {
				t.Errorf("the certificate is told: %v", one)
			}
		})
	}
}

func TestNewServiceIsFurnished(t *testing.T) {
	s := resourcestest.New(t, nil)
	if diff := cmp.Diff([]string{"administrators", "developers", "guests"}, s.Names("groups")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"1"}, s.Names("users")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"master"}, s.Names("subscriptions")); diff != "" {
		t.Error(diff)
	}
	if got := s.Names("products"); len(got) != 0 {
		t.Errorf("there are the products %v", got)
	}
	run(t, s, []step{
		{name: "administrator", method: "GET", path: "users/1", status: 200, want: map[string]any{"properties.email": "apim@example.com"}},
		{name: "is in the group", method: "HEAD", path: "groups/administrators/users/1", status: 204},
		{name: "access", method: "GET", path: "tenant/access", status: 200, want: map[string]any{"properties.enabled": false, "properties.primaryKey": nil}},
	})
}

func TestSoftDelete(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("namedValues/n", `{"properties":{"displayName":"n","value":"v"}}`)
	keys := s.Must("POST", "subscriptions/master/listSecrets", nil, http.StatusOK)
	deleted := provider + "/locations/westus/deletedservices/apimService1"
	run(t, s, []step{
		{name: "delete", method: "DELETE", path: service, status: 202},
		{name: "gone", method: "GET", path: service, status: 404},
		{name: "and all below", method: "GET", path: "groups/guests", status: 404},
		{name: "delete again", method: "DELETE", path: service, status: 204},
		{name: "listed", method: "GET", path: provider + "/deletedservices", status: 200, want: map[string]any{"count": 1.0}},
		{name: "get", method: "GET", path: deleted, status: 200, want: map[string]any{
			"properties.serviceId": service, "location": "West US", "type": "Microsoft.ApiManagement/deletedservices",
			"properties.deletionDate": "2026-01-01T09:00:00Z", "properties.scheduledPurgeDate": "2026-01-03T09:00:00Z",
		}},
		{name: "elsewhere", method: "GET", path: provider + "/locations/eastus/deletedservices/apimService1", status: 404},
		{name: "not by its path", method: "GET", path: group + "/deletedservices/apimService1/groups", status: 404},
		{name: "the name is taken", method: "POST", path: provider + "/checkNameAvailability", body: `{"name":"apimservice1"}`, status: 200,
			want: map[string]any{"nameAvailable": false, "reason": "AlreadyExists"}},
		{name: "not made anew", method: "PUT", path: service, body: plain, status: 409, want: map[string]any{"error.code": "ServiceAlreadyExistsInSoftDeletedState"}},
		{name: "not restored elsewhere", method: "PUT", path: zero + "/resourceGroups/rg2/providers/Microsoft.ApiManagement/service/apimService1", status: 409,
			body: strings.Replace(plain, `"publisherName"`, `"restore":true,"publisherName"`, 1)},
		{name: "restored", method: "PUT", path: service, status: 201, body: strings.Replace(plain, `"publisherName":"A"`, `"restore":true,"publisherName":"other"`, 1),
			want: map[string]any{"properties.publisherName": "Example"}},
		{name: "all is back", method: "GET", path: "groups/guests", status: 200},
		{name: "not deleted any more", method: "GET", path: deleted, status: 404},
	})
	if diff := cmp.Diff(keys, s.Must("POST", "subscriptions/master/listSecrets", nil, http.StatusOK)); diff != "" {
		t.Errorf("the keys changed: %s", diff)
	}
	run(t, s, []step{
		{name: "delete once more", method: "DELETE", path: service, status: 202},
		{name: "purge", method: "DELETE", path: deleted, status: 200},
		{name: "purge again", method: "DELETE", path: deleted, status: 204},
		{name: "the name is free", method: "POST", path: provider + "/checkNameAvailability", body: `{"name":"apimService1"}`, status: 200,
			want: map[string]any{"nameAvailable": true, "reason": "Valid", "message": ""}},
		{name: "made anew", method: "PUT", path: service, body: plain, status: 201},
	})
}

func TestDeletedServicesGoAfterTwoDays(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Must("DELETE", service, nil, http.StatusAccepted)
	s.Clock.Advance(48*time.Hour - time.Second)
	s.Must("PUT", service, plain, http.StatusConflict)
	s.Clock.Advance(time.Second)
	if got := s.Get(provider + "/deletedservices")["count"]; got != 0.0 {
		t.Errorf("there are %v deleted services", got)
	}
	answer := s.Must("PUT", service, plain, http.StatusCreated)
	if got := resourcestest.At(answer, "properties.createdAtUtc"); got != "2026-01-03T09:00:00Z" {
		t.Errorf("the new service was made at %v", got)
	}
}

func TestNothingOfADeletedServiceStays(t *testing.T) {
	s := resourcestest.New(t, nil)
	other := group + "/service/other"
	s.Must("PUT", other, plain, http.StatusCreated)
	s.Must("DELETE", service, nil, http.StatusAccepted)
	s.Clock.Advance(48 * time.Hour)
	s.Must("DELETE", other, nil, http.StatusAccepted)
	err := s.Write(func(session *resource.Session) error {
		for record, err := range session.Reader().Tree("") {
			if err != nil {
				return err
			}
			if strings.Contains(string(record.Key), "apimservice1") {
				t.Errorf("%s is still there", record.Key)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

const backupBody = `{"storageAccount":"acct","containerName":"c","backupName":"b","accessKey":"k"}`

func TestBackup(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("groups/kept", `{"properties":{"displayName":"Kept"}}`)
	s.Put("subscriptions/a", `{"properties":{"displayName":"A","scope":"/apis","primaryKey":"one"}}`)
	s.Must("POST", "restore", backupBody, http.StatusNotFound)
	s.Must("POST", "backup", backupBody, http.StatusOK)
	s.Must("DELETE", "groups/kept", nil, http.StatusOK)
	s.Put("groups/later", `{"properties":{"displayName":"Later"}}`)
	s.Must("POST", "subscriptions/a/regeneratePrimaryKey", nil, http.StatusNoContent)

	status, header, answer := s.Do("POST", "restore", backupBody)
	if status != http.StatusOK || answer["id"] != service {
		t.Fatalf("status %d: %v", status, answer)
	}
	if got := s.Get(strings.TrimPrefix(header.Get("Location"), "https://management.example"))["id"]; got != service {
		t.Errorf("what is polled is %v", got)
	}
	if diff := cmp.Diff([]string{"administrators", "developers", "guests", "kept"}, s.Names("groups")); diff != "" {
		t.Error(diff)
	}
	if got := s.Must("POST", "subscriptions/a/listSecrets", nil, http.StatusOK)["primaryKey"]; got != "one" {
		t.Errorf("the key is %v", got)
	}
	s.Must("GET", group+"/backups", nil, http.StatusNotFound)
}

func TestRestoreIntoAnotherService(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("subscriptions/a", `{"properties":{"displayName":"A","scope":"/apis","ownerId":"/users/1"}}`)
	s.Must("POST", "backup", backupBody, http.StatusOK)
	other := zero + "/resourceGroups/rg2/providers/Microsoft.ApiManagement/service/other"
	s.Must("PUT", other, plain, http.StatusCreated)
	s.Must("POST", other+"/restore", backupBody, http.StatusOK)
	got := s.Get(other + "/subscriptions/a")
	if scope := resourcestest.At(got, "properties.scope"); scope != other+"/apis" {
		t.Errorf("the scope is %v", scope)
	}
}

func TestBackupsAreSealed(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Must("POST", "backup", backupBody, http.StatusOK)
	err := s.Write(func(session *resource.Session) error {
		parts := 0
		for record, err := range session.Reader().Tree("subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/installation") {
			if err != nil {
				return err
			}
			if strings.Contains(string(record.Key), "/parts/") {
				parts++
				if !strings.Contains(string(record.Value), `"data":"sealed:`) {
					t.Errorf("%s is not sealed", record.Key)
				}
			}
		}
		if parts == 0 {
			t.Error("the backup has no parts")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAll(t *testing.T) {
	s := resourcestest.New(t, nil)
	err := s.Write(func(session *resource.Session) error {
		all, err := services.All(session)
		if len(all) != 1 || all[0].ID != service {
			t.Errorf("the services are %v", all)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestActions(t *testing.T) {
	s := resourcestest.New(t, nil)
	run(t, s, []step{
		{name: "network updates", method: "POST", path: "applynetworkconfigurationupdates", body: `{"location":"west us"}`, status: 200, want: map[string]any{"id": service}},
		{name: "network updates, no body", method: "POST", path: "applynetworkconfigurationupdates", status: 200},
		{name: "migrate", method: "POST", path: "migrateToStv2", body: `{"mode":"PreserveIp"}`, status: 200, want: map[string]any{"id": service}},
		{name: "connectivity", method: "POST", path: "connectivityCheck", body: `{"destination":{"address":"8.8.8.8","port":53},"source":{"region":"northeurope"}}`,
			status: 200, want: map[string]any{"connectionStatus": "Unknown", "probesSent": 0.0}},
		{name: "connectivity to nothing", method: "POST", path: "connectivityCheck", body: `{"source":{"region":"x"}}`, status: 400},
		{name: "domain", method: "POST", path: provider + "/getDomainOwnershipIdentifier", status: 200},
		{name: "bad name", method: "POST", path: provider + "/checkNameAvailability", body: `{"name":"-"}`, status: 200, want: map[string]any{"reason": "Invalid"}},
		{name: "operations", method: "GET", path: "/providers/Microsoft.ApiManagement/operations", status: 200},
		{name: "skus", method: "GET", path: "skus", status: 200, want: map[string]any{"count": 7.0}},
		{name: "all skus", method: "GET", path: provider + "/skus", status: 200, want: map[string]any{"count": 8.0}},
		{name: "regions", method: "GET", path: "regions", status: 200, want: map[string]any{"count": 1.0}},
		{name: "outbound", method: "GET", path: "outboundNetworkDependenciesEndpoints", status: 200},
		{name: "network of a location", method: "GET", path: "locations/North Central US/networkstatus", status: 200},
		{name: "of no service", method: "GET", path: group + "/service/none/regions", status: 404},
	})
	sso, _ := s.Must("POST", "getssotoken", nil, http.StatusOK)["redirectUri"].(string)
	if !strings.HasPrefix(sso, "https://apimService1.developer.example/signin-sso?token=1%26") {
		t.Errorf("the link is %s", sso)
	}
	if status, _, raw := s.Raw("GET", "networkstatus", nil); status != http.StatusOK || !strings.HasPrefix(string(raw), "[") {
		t.Errorf("status %d: %s", status, raw)
	}
}

func TestReports(t *testing.T) {
	s := resourcestest.New(t, nil)
	filter := "?$filter=timestamp ge datetime'2017-06-01T00:00:00' and timestamp le datetime'2017-06-04T00:00:00'&interval=PT15M"
	for _, by := range []string{"byApi", "byGeo", "byOperation", "byProduct", "byRequest", "bySubscription", "byTime", "byUser"} {
		t.Run(by, func(t *testing.T) {
			s.Must("GET", "reports/"+by, nil, http.StatusBadRequest)
			if got := s.Get("reports/" + by + filter)["count"]; got != 0.0 {
				t.Errorf("there are %v rows", got)
			}
		})
	}
	s.Must("GET", "reports/byApi?$filter=nonsense", nil, http.StatusBadRequest)
}

func TestTenant(t *testing.T) {
	s := resourcestest.New(t, nil)
	before := s.Must("POST", "tenant/access/listSecrets", nil, http.StatusOK)
	run(t, s, []step{
		{name: "put", method: "PUT", path: "tenant/access", body: `{"properties":{"enabled":true}}`, headers: []string{"If-Match", "*"}, status: 200,
			want: map[string]any{"properties.enabled": true}},
		{name: "patch", method: "PATCH", path: "tenant/gitAccess", body: `{"properties":{"enabled":true}}`, headers: []string{"If-Match", "*"}, status: 200},
		{name: "head", method: "HEAD", path: "tenant/access", status: 200},
		{name: "list", method: "GET", path: "tenant", status: 200, want: map[string]any{"count": 2.0}},
		{name: "git key", method: "POST", path: "tenant/access/git/regeneratePrimaryKey", status: 204},
		{name: "key", method: "POST", path: "tenant/access/regenerateSecondaryKey", status: 204},
		{name: "deploy", method: "POST", path: "tenant/configuration/deploy", body: `{"properties":{"branch":"master"}}`, status: 200, want: map[string]any{"properties.status": "Succeeded"}},
		{name: "validate", method: "POST", path: "tenant/configuration/validate", body: `{"properties":{"branch":"master"}}`, status: 200},
		{name: "not synchronised", method: "GET", path: "tenant/configuration/syncState", status: 200, want: map[string]any{"properties.isSynced": false}},
		{name: "save", method: "POST", path: "tenant/configuration/save", body: `{"properties":{"branch":"main"}}`, status: 200},
		{name: "synchronised", method: "GET", path: "tenant/configuration/syncState", status: 200, want: map[string]any{"properties.branch": "main", "properties.isGitEnabled": true}},
		{name: "no branch", method: "POST", path: "tenant/configuration/save", body: `{"properties":{}}`, status: 400, targets: []string{"properties.branch"}},
		{name: "no access", method: "GET", path: "tenant/configuration", status: 404},
		{name: "not by access", method: "POST", path: "tenant/access/save", body: `{"properties":{"branch":"main"}}`, status: 404},
		{name: "not put", method: "PUT", path: "tenant/configuration", body: `{"properties":{"enabled":true}}`, status: 404},
		{name: "still two", method: "GET", path: "tenant", status: 200, want: map[string]any{"count": 2.0}},
		{name: "settings", method: "GET", path: "settings", status: 200, want: map[string]any{"count": 1.0}},
		{name: "public settings", method: "GET", path: "settings/public", status: 200, want: map[string]any{"type": "Microsoft.ApiManagement/service/settings"}},
	})
	after := s.Must("POST", "tenant/access/listSecrets", nil, http.StatusOK)
	if before["primaryKey"] != after["primaryKey"] || before["secondaryKey"] == after["secondaryKey"] {
		t.Errorf("before %v, after %v", before, after)
	}
}

func TestGateways(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("apis/echo", `{"properties":{"displayName":"echo","path":"echo","protocols":["https"]}}`)
	run(t, s, []step{
		{name: "create", method: "PUT", path: "gateways/g", body: `{"properties":{"description":"d","locationData":{"name":"here"}}}`, status: 201,
			want: map[string]any{"properties.primaryKey": nil, "properties.debugKey": nil, "properties.locationData.name": "here"}},
		{name: "managed", method: "PUT", path: "gateways/managed", body: `{"properties":{"locationData":{"name":"here"}}}`, status: 400},
		{name: "no location", method: "PUT", path: "gateways/h", body: `{"properties":{"locationData":{}}}`, status: 400, targets: []string{"properties.locationData.name"}},
		{name: "api", method: "PUT", path: "gateways/g/apis/echo", body: `{"properties":{"provisioningState":"created"}}`, status: 201,
			want: map[string]any{"id": service + "/gateways/g/apis/echo", "properties.path": "echo"}},
		{name: "api, no body", method: "PUT", path: "gateways/g/apis/echo", status: 200},
		{name: "no api", method: "PUT", path: "gateways/g/apis/none", status: 404},
		{name: "head", method: "HEAD", path: "gateways/g/apis/echo", status: 200},
		{name: "apis", method: "GET", path: "gateways/g/apis?$filter=name eq 'echo'", status: 200, want: map[string]any{"count": 1.0}},
		{name: "authority", method: "PUT", path: "gateways/g/certificateAuthorities/c", body: `{"properties":{"isTrusted":true}}`, status: 201},
		{name: "host", method: "PUT", path: "gateways/g/hostnameConfigurations/default", body: `{"properties":{"hostname":"*"}}`, status: 201},
		{name: "host, no certificate", method: "PUT", path: "gateways/g/hostnameConfigurations/x", body: `{"properties":{"hostname":"*","certificateId":"/certificates/none"}}`,
			status: 400, targets: []string{"properties.certificateId"}},
		{name: "token", method: "POST", path: "gateways/g/generateToken", body: `{"keyType":"primary","expiry":"2020-04-21T00:44:24Z"}`, status: 200},
		{name: "token, too long", method: "POST", path: "gateways/g/generateToken", body: `{"keyType":"primary","expiry":"2027-04-21T00:44:24Z"}`, status: 400},
		{name: "debug", method: "POST", path: "gateways/g/listDebugCredentials", body: `{"apiId":"/apis/echo","purposes":["tracing"],"credentialsExpireAfter":"PT1H"}`, status: 200},
		{name: "debug, managed", method: "POST", path: "gateways/managed/listDebugCredentials", body: `{"apiId":"/apis/echo","purposes":["tracing"]}`, status: 200},
		{name: "debug, no API", method: "POST", path: "gateways/g/listDebugCredentials", body: `{"apiId":"/apis/none","purposes":["tracing"]}`, status: 400, targets: []string{"apiId"}},
		{name: "debug, too long", method: "POST", path: "gateways/g/listDebugCredentials", body: `{"apiId":"/apis/echo","purposes":["tracing"],"credentialsExpireAfter":"P2D"}`, status: 400},
		{name: "invalidate", method: "POST", path: "gateways/g/invalidateDebugCredentials", status: 204},
		{name: "trace", method: "POST", path: "gateways/g/listTrace", body: `{"traceId":"t"}`, status: 200},
		{name: "trace of none", method: "POST", path: "gateways/none/listTrace", body: `{"traceId":"t"}`, status: 404},
		{name: "unlink", method: "DELETE", path: "gateways/g/apis/echo", status: 200},
	})
	keys := s.Must("POST", "gateways/g/listKeys", nil, http.StatusOK)
	s.Must("POST", "gateways/g/regenerateKey", `{"keyType":"secondary"}`, http.StatusNoContent)
	now := s.Must("POST", "gateways/g/listKeys", nil, http.StatusOK)
	if keys["primary"] != now["primary"] || keys["secondary"] == now["secondary"] {
		t.Errorf("before %v, after %v", keys, now)
	}
	s.Must("DELETE", "gateways/g", nil, http.StatusOK)
}

func TestWorkspaceGateways(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("workspaces/w", `{"properties":{"displayName":"W"}}`)
	body := `{"location":"South Central US","sku":{"name":"WorkspaceGatewayPremium","capacity":1},"properties":{"virtualNetworkType":"External"}}`
	gateway := group + "/gateways/gw"
	run(t, s, []step{
		{name: "create", method: "PUT", path: gateway, body: body, status: 201, want: map[string]any{
			"id": gateway, "type": "Microsoft.ApiManagement/gateways", "properties.provisioningState": "Succeeded", "properties.createdAtUtc": "2026-01-01T09:00:00Z"}},
		{name: "again", method: "PUT", path: gateway, body: body, status: 200},
		{name: "patch", method: "PATCH", path: gateway, body: `{"properties":{},"sku":{"name":"Standard","capacity":10}}`, status: 200, want: map[string]any{"sku.capacity": 10.0}},
		{name: "of the group", method: "GET", path: group + "/gateways", status: 200, want: map[string]any{"count": 1.0}},
		{name: "of the subscription", method: "GET", path: provider + "/gateways", status: 200, want: map[string]any{"count": 1.0}},
		{name: "skus", method: "GET", path: gateway + "/skus", status: 200},
		{name: "connect", method: "PUT", path: gateway + "/configConnections/c", body: `{"properties":{"sourceId":"` + service + `/workspaces/w"}}`, status: 201,
			want: map[string]any{"properties.provisioningState": "Succeeded"}},
		{name: "connections", method: "GET", path: gateway + "/configConnections", status: 200, want: map[string]any{"count": 1.0}},
		{name: "link", method: "GET", path: "workspaceLinks/w", status: 200, want: map[string]any{
			"properties.workspaceId": service + "/workspaces/w", "properties.gateways": []any{map[string]any{"id": gateway}}}},
		{name: "links", method: "GET", path: "workspaceLinks", status: 200, want: map[string]any{"count": 1.0}},
		{name: "no link", method: "GET", path: "workspaceLinks/none", status: 404},
		{name: "disconnect", method: "DELETE", path: gateway + "/configConnections/c", headers: []string{"If-Match", "*"}, status: 202},
		{name: "delete", method: "DELETE", path: gateway, status: 202},
		{name: "delete again", method: "DELETE", path: gateway, status: 204},
		{name: "none", method: "GET", path: provider + "/gateways", status: 200, want: map[string]any{"count": 0.0}},
	})
}

func TestPrivateEndpoints(t *testing.T) {
	s := resourcestest.New(t, nil)
	run(t, s, []step{
		{name: "approve", method: "PUT", path: "privateEndpointConnections/c", status: 200, want: map[string]any{
			"properties.privateLinkServiceConnectionState.status": "Approved", "properties.provisioningState": "Succeeded"},
			body: `{"id":"x","properties":{"privateLinkServiceConnectionState":{"status":"Approved","description":"yes"}}}`},
		{name: "list", method: "GET", path: "privateEndpointConnections", status: 200, want: map[string]any{"count": 1.0}},
		{name: "delete", method: "DELETE", path: "privateEndpointConnections/c", status: 202},
		{name: "resources", method: "GET", path: "privateLinkResources", status: 200, want: map[string]any{"count": 1.0}},
		{name: "resource", method: "GET", path: "privateLinkResources/Gateway", status: 200, want: map[string]any{"properties.groupId": "Gateway", "id": service + "/privateLinkResources/Gateway"}},
	})
}

func TestWorkspaces(t *testing.T) {
	s := resourcestest.New(t, nil)
	run(t, s, []step{
		{name: "create", method: "PUT", path: "workspaces/w", body: `{"properties":{"displayName":"W","description":"d"}}`, status: 201},
		{name: "again", method: "PUT", path: "workspaces/w", body: `{"properties":{"displayName":"W"}}`, status: 200},
		{name: "no name", method: "PUT", path: "workspaces/x", body: `{"properties":{}}`, status: 400, targets: []string{"properties.displayName"}},
		{name: "patch", method: "PATCH", path: "workspaces/w", body: `{"properties":{"description":"e"}}`, status: 200},
		{name: "filter", method: "GET", path: "workspaces?$filter=displayName eq 'W'", status: 200, want: map[string]any{"count": 1.0}},
		{name: "below", method: "PUT", path: "workspaces/w/groups/g", body: `{"properties":{"displayName":"G"}}`, status: 201},
		{name: "delete", method: "DELETE", path: "workspaces/w", status: 200},
		{name: "all gone", method: "GET", path: "workspaces/w/groups", status: 404},
	})
	s.Put("workspaces/w", `{"properties":{"displayName":"W"}}`)
	if got := s.Names("workspaces/w/groups"); !slices.Equal(got, nil) && len(got) != 0 {
		t.Errorf("the new workspace has the groups %v", got)
	}
}
