package services_test

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
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

// plain is the body of a service.
const plain = `{"location":"West US","sku":{"name":"Developer","capacity":1},"properties":{"publisherEmail":"a@example.com","publisherName":"A"}}`

func TestService(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Run(t, []resourcestest.Step{
		{Name: "get", Method: "GET", Path: service, Status: 200, Want: map[string]any{
			"id": service, "name": "apimService1", "type": "Microsoft.ApiManagement/service", "location": "West US", "sku.name": "Developer",
			"properties.provisioningState": "Succeeded", "properties.gatewayUrl": "https://apimService1.example",
			"properties.developerPortalUrl": "https://apimService1.developer.example", "properties.scmUrl": "https://apimService1.scm.example",
			"properties.managementApiUrl": "https://management.example", "properties.createdAtUtc": "2026-01-01T09:00:00Z",
			"properties.platformVersion": "stv2", "properties.virtualNetworkType": "None", "systemData.createdBy": "tester",
		}},
		{Name: "again", Method: "PUT", Path: service, Status: 200, Body: `{"location":"West US","sku":{"name":"Premium"},"tags":{"a":"b"},
			"identity":{"type":"SystemAssigned"},
			"properties":{"publisherEmail":"a@example.com","publisherName":"A","customProperties":{"x":"True"},
			"hostnameConfigurations":[{"type":"Proxy","hostName":"api.example.org","encodedCertificate":"*** no PFX ***","certificatePassword":"p","defaultSslBinding":true}]}}`,
			Want: map[string]any{"properties.createdAtUtc": "2026-01-01T09:00:00Z", "tags.a": "b", "properties.customProperties.x": "True", "sku.capacity": 1.0}},
		{Name: "patch", Method: "PATCH", Path: service, Body: `{"properties":{"publisherName":"B"},"tags":{"c":"d"}}`, Status: 200,
			Want: map[string]any{"properties.publisherName": "B", "tags.c": "d"}},
		{Name: "no publisher", Method: "PUT", Path: group + "/service/other", Body: `{"location":"West US","sku":{"name":"Developer"},"properties":{}}`,
			Status: 400, Targets: []string{"properties.publisherEmail", "properties.publisherName"}},
		{Name: "bad name", Method: "PUT", Path: group + "/service/1other", Body: plain, Status: 400, Targets: []string{"name"}},
		{Name: "other group", Method: "PUT", Path: zero + "/resourceGroups/rg2/providers/Microsoft.ApiManagement/service/APIMservice1", Body: plain, Status: 409},
		{Name: "nothing to restore", Method: "PUT", Path: group + "/service/other", Status: 400,
			Body: strings.Replace(plain, `"publisherName"`, `"restore":true,"publisherName"`, 1)},
		{Name: "restore of what is there", Method: "PUT", Path: service, Status: 200,
			Body: strings.Replace(plain, `"publisherName"`, `"restore":true,"publisherName"`, 1)},
		{Name: "stale", Method: "PATCH", Path: service, Body: `{}`, Headers: []string{"If-Match", `"0"`}, Status: 412},
		{Name: "second", Method: "PUT", Path: zero + "/resourceGroups/rg2/providers/Microsoft.ApiManagement/service/second", Body: plain, Status: 201},
		{Name: "of the group", Method: "GET", Path: group + "/service", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "of the subscription", Method: "GET", Path: provider + "/service", Status: 200, Want: map[string]any{"count": 2.0}},
		{Name: "of another subscription", Method: "GET", Path: "/subscriptions/11111111-0000-0000-0000-000000000000/providers/Microsoft.ApiManagement/service",
			Status: 200, Want: map[string]any{"count": 0.0}},
	})
}

func TestHostnamesKeepNoSecrets(t *testing.T) {
	s := resourcestest.New(t, nil)
	body := strings.Replace(plain, `"publisherName"`, `"hostnameConfigurations":[{"type":"Proxy","hostName":"api.example.org",
		"encodedCertificate":"* cert *","certificatePassword":"p","defaultSslBinding":true}],"publisherName"`, 1)
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
	s.Run(t, []resourcestest.Step{
		{Name: "administrator", Method: "GET", Path: "users/1", Status: 200, Want: map[string]any{"properties.email": "apim@example.com"}},
		{Name: "is in the group", Method: "HEAD", Path: "groups/administrators/users/1", Status: 204},
		{Name: "access", Method: "GET", Path: "tenant/access", Status: 200, Want: map[string]any{"properties.enabled": false, "properties.primaryKey": nil}},
	})
}

func TestSoftDelete(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("namedValues/n", `{"properties":{"displayName":"n","value":"v"}}`)
	keys := s.Must("POST", "subscriptions/master/listSecrets", nil, http.StatusOK)
	deleted := provider + "/locations/westus/deletedservices/apimService1"
	s.Run(t, []resourcestest.Step{
		{Name: "delete", Method: "DELETE", Path: service, Status: 202},
		{Name: "gone", Method: "GET", Path: service, Status: 404},
		{Name: "and all below", Method: "GET", Path: "groups/guests", Status: 404},
		{Name: "delete again", Method: "DELETE", Path: service, Status: 204},
		{Name: "listed", Method: "GET", Path: provider + "/deletedservices", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "get", Method: "GET", Path: deleted, Status: 200, Want: map[string]any{
			"properties.serviceId": service, "location": "West US", "type": "Microsoft.ApiManagement/deletedservices",
			"properties.deletionDate": "2026-01-01T09:00:00Z", "properties.scheduledPurgeDate": "2026-01-03T09:00:00Z",
		}},
		{Name: "elsewhere", Method: "GET", Path: provider + "/locations/eastus/deletedservices/apimService1", Status: 404},
		{Name: "not by its path", Method: "GET", Path: group + "/deletedservices/apimService1/groups", Status: 404},
		{Name: "the name is taken", Method: "POST", Path: provider + "/checkNameAvailability", Body: `{"name":"apimservice1"}`, Status: 200,
			Want: map[string]any{"nameAvailable": false, "reason": "AlreadyExists"}},
		{Name: "not made anew", Method: "PUT", Path: service, Body: plain, Status: 409, Want: map[string]any{"error.code": "ServiceAlreadyExistsInSoftDeletedState"}},
		{Name: "not restored elsewhere", Method: "PUT", Path: zero + "/resourceGroups/rg2/providers/Microsoft.ApiManagement/service/apimService1", Status: 409,
			Body: strings.Replace(plain, `"publisherName"`, `"restore":true,"publisherName"`, 1)},
		{Name: "restored", Method: "PUT", Path: service, Status: 201, Body: strings.Replace(plain, `"publisherName":"A"`, `"restore":true,"publisherName":"other"`, 1),
			Want: map[string]any{"properties.publisherName": "Example"}},
		{Name: "all is back", Method: "GET", Path: "groups/guests", Status: 200},
		{Name: "not deleted any more", Method: "GET", Path: deleted, Status: 404},
	})
	if diff := cmp.Diff(keys, s.Must("POST", "subscriptions/master/listSecrets", nil, http.StatusOK)); diff != "" {
		t.Errorf("the keys changed: %s", diff)
	}
	s.Run(t, []resourcestest.Step{
		{Name: "delete once more", Method: "DELETE", Path: service, Status: 202},
		{Name: "purge", Method: "DELETE", Path: deleted, Status: 200},
		{Name: "purge again", Method: "DELETE", Path: deleted, Status: 204},
		{Name: "the name is free", Method: "POST", Path: provider + "/checkNameAvailability", Body: `{"name":"apimService1"}`, Status: 200,
			Want: map[string]any{"nameAvailable": true, "reason": "Valid", "message": ""}},
		{Name: "made anew", Method: "PUT", Path: service, Body: plain, Status: 201},
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

// TestBackupOfAnEarlierRelease restores what was kept in the store, in parts.
func TestBackupOfAnEarlierRelease(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("groups/kept", `{"properties":{"displayName":"Kept"}}`)
	content := `{"path":"","body":{"location":"West US","sku":{"name":"Developer"},"properties":{"publisherEmail":"a@b.c","publisherName":"B"}}}` + "\n" +
		`{"path":"groups/then","body":{"properties":{"displayName":"Then","type":"custom"}}}` + "\n"
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("acct\x00c\x00b"))
	id := resource.ID(zero + "/resourceGroups/installation/providers/Microsoft.ApiManagement/backups/" + hex.EncodeToString(sum[:]))
	err := s.Write(func(session *resource.Session) error {
		for i, part := range [][]byte{packed.Bytes()[:20], packed.Bytes()[20:]} {
			body := resource.Object(map[string]any{"data": base64.StdEncoding.EncodeToString(part)})
			if err := session.Store(id.Child("parts", fmt.Sprintf("%06d", i)), body); err != nil {
				return err
			}
		}
		return session.Store(id, resource.Object(map[string]any{"serviceId": service, "parts": 2}))
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Must("POST", "restore", backupBody, http.StatusOK)
	s.Get("groups/then")
	s.Must("GET", "groups/kept", nil, http.StatusNotFound)
}

// TestPlaceOfBackupsThatIsGone changes nothing, and says why.
func TestPlaceOfBackupsThatIsGone(t *testing.T) {
	s := resourcestest.NewWith(t, resourcestest.Options{Backups: &resourcestest.Backups{Err: errors.New("no route to the bucket")}})
	for _, action := range []string{"backup", "restore"} {
		answer := s.Must("POST", action, backupBody, http.StatusServiceUnavailable)
		if message := fmt.Sprint(resourcestest.At(answer, "error.message")); !strings.Contains(message, "no route to the bucket") {
			t.Errorf("%s: %s", action, message)
		}
	}
	s.Must("POST", "backup", `{"storageAccount":"a","containerName":"c"}`, http.StatusBadRequest)
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
	s.Run(t, []resourcestest.Step{
		{Name: "network updates", Method: "POST", Path: "applynetworkconfigurationupdates", Body: `{"location":"west us"}`, Status: 200, Want: map[string]any{"id": service}},
		{Name: "network updates, no body", Method: "POST", Path: "applynetworkconfigurationupdates", Status: 200},
		{Name: "migrate", Method: "POST", Path: "migrateToStv2", Body: `{"mode":"PreserveIp"}`, Status: 200, Want: map[string]any{"id": service}},
		{Name: "connectivity", Method: "POST", Path: "connectivityCheck", Body: `{"destination":{"address":"8.8.8.8","port":53},"source":{"region":"northeurope"}}`,
			Status: 200, Want: map[string]any{"connectionStatus": "Unknown", "probesSent": 0.0}},
		{Name: "connectivity to nothing", Method: "POST", Path: "connectivityCheck", Body: `{"source":{"region":"x"}}`, Status: 400},
		{Name: "domain", Method: "POST", Path: provider + "/getDomainOwnershipIdentifier", Status: 200},
		{Name: "bad name", Method: "POST", Path: provider + "/checkNameAvailability", Body: `{"name":"-"}`, Status: 200, Want: map[string]any{"reason": "Invalid"}},
		{Name: "operations", Method: "GET", Path: "/providers/Microsoft.ApiManagement/operations", Status: 200},
		{Name: "skus", Method: "GET", Path: "skus", Status: 200, Want: map[string]any{"count": 7.0}},
		{Name: "all skus", Method: "GET", Path: provider + "/skus", Status: 200, Want: map[string]any{"count": 8.0}},
		{Name: "regions", Method: "GET", Path: "regions", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "outbound", Method: "GET", Path: "outboundNetworkDependenciesEndpoints", Status: 200},
		{Name: "network of a location", Method: "GET", Path: "locations/North Central US/networkstatus", Status: 200},
		{Name: "of no service", Method: "GET", Path: group + "/service/none/regions", Status: 404},
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
	s.Run(t, []resourcestest.Step{
		{Name: "put", Method: "PUT", Path: "tenant/access", Body: `{"properties":{"enabled":true}}`, Headers: []string{"If-Match", "*"}, Status: 200,
			Want: map[string]any{"properties.enabled": true}},
		{Name: "patch", Method: "PATCH", Path: "tenant/gitAccess", Body: `{"properties":{"enabled":true}}`, Headers: []string{"If-Match", "*"}, Status: 200},
		{Name: "head", Method: "HEAD", Path: "tenant/access", Status: 200},
		{Name: "list", Method: "GET", Path: "tenant", Status: 200, Want: map[string]any{"count": 2.0}},
		{Name: "git key", Method: "POST", Path: "tenant/access/git/regeneratePrimaryKey", Status: 204},
		{Name: "key", Method: "POST", Path: "tenant/access/regenerateSecondaryKey", Status: 204},
		{Name: "deploy", Method: "POST", Path: "tenant/configuration/deploy", Body: `{"properties":{"branch":"master"}}`, Status: 200, Want: map[string]any{"properties.status": "Succeeded"}},
		{Name: "validate", Method: "POST", Path: "tenant/configuration/validate", Body: `{"properties":{"branch":"master"}}`, Status: 200},
		{Name: "not synchronised", Method: "GET", Path: "tenant/configuration/syncState", Status: 200, Want: map[string]any{"properties.isSynced": false}},
		{Name: "save", Method: "POST", Path: "tenant/configuration/save", Body: `{"properties":{"branch":"main"}}`, Status: 200},
		{Name: "synchronised", Method: "GET", Path: "tenant/configuration/syncState", Status: 200, Want: map[string]any{"properties.branch": "main", "properties.isGitEnabled": true}},
		{Name: "no branch", Method: "POST", Path: "tenant/configuration/save", Body: `{"properties":{}}`, Status: 400, Targets: []string{"properties.branch"}},
		{Name: "no access", Method: "GET", Path: "tenant/configuration", Status: 404},
		{Name: "not by access", Method: "POST", Path: "tenant/access/save", Body: `{"properties":{"branch":"main"}}`, Status: 404},
		{Name: "not put", Method: "PUT", Path: "tenant/configuration", Body: `{"properties":{"enabled":true}}`, Status: 404},
		{Name: "still two", Method: "GET", Path: "tenant", Status: 200, Want: map[string]any{"count": 2.0}},
		{Name: "settings", Method: "GET", Path: "settings", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "public settings", Method: "GET", Path: "settings/public", Status: 200, Want: map[string]any{"type": "Microsoft.ApiManagement/service/settings"}},
	})
	after := s.Must("POST", "tenant/access/listSecrets", nil, http.StatusOK)
	if before["primaryKey"] != after["primaryKey"] || before["secondaryKey"] == after["secondaryKey"] {
		t.Errorf("before %v, after %v", before, after)
	}
}

func TestGateways(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("apis/echo", `{"properties":{"displayName":"echo","path":"echo","protocols":["https"]}}`)
	s.Run(t, []resourcestest.Step{
		{Name: "create", Method: "PUT", Path: "gateways/g", Body: `{"properties":{"description":"d","locationData":{"name":"here"}}}`, Status: 201,
			Want: map[string]any{"properties.primaryKey": nil, "properties.debugKey": nil, "properties.locationData.name": "here"}},
		{Name: "managed", Method: "PUT", Path: "gateways/managed", Body: `{"properties":{"locationData":{"name":"here"}}}`, Status: 400},
		{Name: "no location", Method: "PUT", Path: "gateways/h", Body: `{"properties":{"locationData":{}}}`, Status: 400, Targets: []string{"properties.locationData.name"}},
		{Name: "api", Method: "PUT", Path: "gateways/g/apis/echo", Body: `{"properties":{"provisioningState":"created"}}`, Status: 201,
			Want: map[string]any{"id": service + "/gateways/g/apis/echo", "properties.path": "echo"}},
		{Name: "api, no body", Method: "PUT", Path: "gateways/g/apis/echo", Status: 200},
		{Name: "no api", Method: "PUT", Path: "gateways/g/apis/none", Status: 404},
		{Name: "head", Method: "HEAD", Path: "gateways/g/apis/echo", Status: 200},
		{Name: "apis", Method: "GET", Path: "gateways/g/apis?$filter=name eq 'echo'", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "authority", Method: "PUT", Path: "gateways/g/certificateAuthorities/c", Body: `{"properties":{"isTrusted":true}}`, Status: 201},
		{Name: "host", Method: "PUT", Path: "gateways/g/hostnameConfigurations/default", Body: `{"properties":{"hostname":"*"}}`, Status: 201},
		{Name: "host, an old protocol", Method: "PUT", Path: "gateways/g/hostnameConfigurations/x", Body: `{"properties":{"hostname":"a.example","tls11Enabled":true}}`,
			Status: 400, Targets: []string{"properties.tls11Enabled"}},
		{Name: "host, no certificate", Method: "PUT", Path: "gateways/g/hostnameConfigurations/x", Body: `{"properties":{"hostname":"*","certificateId":"/certificates/none"}}`,
			Status: 400, Targets: []string{"properties.certificateId"}},
		{Name: "token", Method: "POST", Path: "gateways/g/generateToken", Body: `{"keyType":"primary","expiry":"2020-04-21T00:44:24Z"}`, Status: 200},
		{Name: "token, too long", Method: "POST", Path: "gateways/g/generateToken", Body: `{"keyType":"primary","expiry":"2027-04-21T00:44:24Z"}`, Status: 400},
		{Name: "debug", Method: "POST", Path: "gateways/g/listDebugCredentials", Body: `{"apiId":"/apis/echo","purposes":["tracing"],"credentialsExpireAfter":"PT1H"}`, Status: 200},
		{Name: "token, managed", Method: "POST", Path: "gateways/managed/generateToken", Body: `{"keyType":"primary","expiry":"2026-01-02T00:00:00Z"}`, Status: 200},
		{Name: "keys, managed", Method: "POST", Path: "gateways/managed/listKeys", Status: 200},
		{Name: "key anew, managed", Method: "POST", Path: "gateways/managed/regenerateKey", Body: `{"keyType":"secondary"}`, Status: 204},
		{Name: "managed is no resource", Method: "GET", Path: "gateways/managed", Status: 404},
		{Name: "its keys are none either", Method: "GET", Path: "sallyportGatewayKeys/managed", Status: 404},
		{Name: "token, of nothing", Method: "POST", Path: "gateways/nothing/generateToken", Body: `{"keyType":"primary","expiry":"2026-01-02T00:00:00Z"}`, Status: 404},
		{Name: "instances, managed", Method: "GET", Path: "gateways/managed/sallyportInstances", Status: 200, Want: map[string]any{"count": 0.0}},
		{Name: "instances, of nothing", Method: "GET", Path: "gateways/nothing/sallyportInstances", Status: 404},
		{Name: "debug, managed", Method: "POST", Path: "gateways/managed/listDebugCredentials", Body: `{"apiId":"/apis/echo","purposes":["tracing"]}`, Status: 200},
		{Name: "debug, no API", Method: "POST", Path: "gateways/g/listDebugCredentials", Body: `{"apiId":"/apis/none","purposes":["tracing"]}`, Status: 400, Targets: []string{"apiId"}},
		{Name: "debug, too long", Method: "POST", Path: "gateways/g/listDebugCredentials", Body: `{"apiId":"/apis/echo","purposes":["tracing"],"credentialsExpireAfter":"P2D"}`, Status: 400},
		{Name: "invalidate", Method: "POST", Path: "gateways/g/invalidateDebugCredentials", Status: 204},
		{Name: "trace", Method: "POST", Path: "gateways/g/listTrace", Body: `{"traceId":"t"}`, Status: 200},
		{Name: "trace of none", Method: "POST", Path: "gateways/none/listTrace", Body: `{"traceId":"t"}`, Status: 404},
		{Name: "unlink", Method: "DELETE", Path: "gateways/g/apis/echo", Status: 200},
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
	s.Run(t, []resourcestest.Step{
		{Name: "create", Method: "PUT", Path: gateway, Body: body, Status: 201, Want: map[string]any{
			"id": gateway, "type": "Microsoft.ApiManagement/gateways", "properties.provisioningState": "Succeeded", "properties.createdAtUtc": "2026-01-01T09:00:00Z"}},
		{Name: "again", Method: "PUT", Path: gateway, Body: body, Status: 200},
		{Name: "patch", Method: "PATCH", Path: gateway, Body: `{"properties":{},"sku":{"name":"Standard","capacity":10}}`, Status: 200, Want: map[string]any{"sku.capacity": 10.0}},
		{Name: "of the group", Method: "GET", Path: group + "/gateways", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "of the subscription", Method: "GET", Path: provider + "/gateways", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "skus", Method: "GET", Path: gateway + "/skus", Status: 200},
		{Name: "connect", Method: "PUT", Path: gateway + "/configConnections/c", Body: `{"properties":{"sourceId":"` + service + `/workspaces/w"}}`, Status: 201,
			Want: map[string]any{"properties.provisioningState": "Succeeded"}},
		{Name: "connections", Method: "GET", Path: gateway + "/configConnections", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "link", Method: "GET", Path: "workspaceLinks/w", Status: 200, Want: map[string]any{
			"properties.workspaceId": service + "/workspaces/w", "properties.gateways": []any{map[string]any{"id": gateway}}}},
		{Name: "links", Method: "GET", Path: "workspaceLinks", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "no link", Method: "GET", Path: "workspaceLinks/none", Status: 404},
		{Name: "disconnect", Method: "DELETE", Path: gateway + "/configConnections/c", Headers: []string{"If-Match", "*"}, Status: 202},
		{Name: "delete", Method: "DELETE", Path: gateway, Status: 202},
		{Name: "delete again", Method: "DELETE", Path: gateway, Status: 204},
		{Name: "none", Method: "GET", Path: provider + "/gateways", Status: 200, Want: map[string]any{"count": 0.0}},
	})
}

func TestPrivateEndpoints(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Run(t, []resourcestest.Step{
		{Name: "approve", Method: "PUT", Path: "privateEndpointConnections/c", Status: 200, Want: map[string]any{
			"properties.privateLinkServiceConnectionState.status": "Approved", "properties.provisioningState": "Succeeded"},
			Body: `{"id":"x","properties":{"privateLinkServiceConnectionState":{"status":"Approved","description":"yes"}}}`},
		{Name: "list", Method: "GET", Path: "privateEndpointConnections", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "delete", Method: "DELETE", Path: "privateEndpointConnections/c", Status: 202},
		{Name: "resources", Method: "GET", Path: "privateLinkResources", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "resource", Method: "GET", Path: "privateLinkResources/Gateway", Status: 200, Want: map[string]any{"properties.groupId": "Gateway", "id": service + "/privateLinkResources/Gateway"}},
	})
}

func TestWorkspaces(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Run(t, []resourcestest.Step{
		{Name: "create", Method: "PUT", Path: "workspaces/w", Body: `{"properties":{"displayName":"W","description":"d"}}`, Status: 201},
		{Name: "again", Method: "PUT", Path: "workspaces/w", Body: `{"properties":{"displayName":"W"}}`, Status: 200},
		{Name: "no name", Method: "PUT", Path: "workspaces/x", Body: `{"properties":{}}`, Status: 400, Targets: []string{"properties.displayName"}},
		{Name: "patch", Method: "PATCH", Path: "workspaces/w", Body: `{"properties":{"description":"e"}}`, Status: 200},
		{Name: "filter", Method: "GET", Path: "workspaces?$filter=displayName eq 'W'", Status: 200, Want: map[string]any{"count": 1.0}},
		{Name: "below", Method: "PUT", Path: "workspaces/w/groups/g", Body: `{"properties":{"displayName":"G"}}`, Status: 201},
		{Name: "delete", Method: "DELETE", Path: "workspaces/w", Status: 200},
		{Name: "all gone", Method: "GET", Path: "workspaces/w/groups", Status: 404},
	})
	s.Put("workspaces/w", `{"properties":{"displayName":"W"}}`)
	if got := s.Names("workspaces/w/groups"); !slices.Equal(got, nil) && len(got) != 0 {
		t.Errorf("the new workspace has the groups %v", got)
	}
}
