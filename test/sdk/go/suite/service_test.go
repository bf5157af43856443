package suite

import (
	"net/http"
	"slices"
	"testing"

	apim "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/apimanagement/armapimanagement/v3"

	"github.com/sallyport/sallyport/test/sdk/go/serve"
)

// TestServices makes a second service, deletes it, restores it, and purges it.
func TestServices(t *testing.T) {
	at := connect(t, serve.Start(t))
	at.s = "second"
	c := at.NewServiceClient()
	body := apim.ServiceResource{
		Location: new("West US"),
		SKU:      &apim.ServiceSKUProperties{Name: new(apim.SKUTypeDeveloper), Capacity: new(int32(1))},
		Properties: &apim.ServiceProperties{
			PublisherEmail: new("apis@example.org"), PublisherName: new("Example"),
		},
	}
	making, err := c.BeginCreateOrUpdate(t.Context(), at.g, at.s, body, nil)
	made := done(t, making, err)
	if text(made.Name) != "second" || text(made.Properties.ProvisioningState) != "Succeeded" {
		t.Errorf("made %s, %s", text(made.Name), text(made.Properties.ProvisioningState))
	}
	if _, err := at.NewTagClient().CreateOrUpdate(t.Context(), at.g, at.s, "kept", apim.TagCreateUpdateParameters{
		Properties: &apim.TagContractProperties{DisplayName: new("Kept")}}, nil); err != nil {
		t.Fatal(err)
	}
	deleting, err := c.BeginDelete(t.Context(), at.g, at.s, nil)
	done(t, deleting, err)
	if _, err := c.Get(t.Context(), at.g, at.s, nil); status(err) != http.StatusNotFound {
		t.Errorf("after it was deleted: %v", err)
	}
	if _, err := at.NewDeletedServicesClient().GetByName(t.Context(), "second", "westus", nil); err != nil {
		t.Errorf("among the deleted: %v", err)
	}
	name, err := c.CheckNameAvailability(t.Context(), apim.ServiceCheckNameAvailabilityParameters{Name: new("second")}, nil)
	if err != nil || *name.NameAvailable {
		t.Errorf("the name of a deleted service is free: %v", err)
	}

	body.Properties.Restore = new(true)
	restoring, err := c.BeginCreateOrUpdate(t.Context(), at.g, at.s, body, nil)
	done(t, restoring, err)
	if _, err := at.NewTagClient().Get(t.Context(), at.g, at.s, "kept", nil); err != nil {
		t.Errorf("what the service had: %v", err)
	}

	deleting, err = c.BeginDelete(t.Context(), at.g, at.s, nil)
	done(t, deleting, err)
	purging, err := at.NewDeletedServicesClient().BeginPurge(t.Context(), "second", "westus", nil)
	done(t, purging, err)
	if _, err := at.NewDeletedServicesClient().GetByName(t.Context(), "second", "westus", nil); status(err) != http.StatusNotFound {
		t.Errorf("after it was purged: %v", err)
	}
}

// TestWorkspaces keeps what is in a workspace apart from the service.
func TestWorkspaces(t *testing.T) {
	at := connect(t, serve.Start(t))
	ctx := t.Context()
	if _, err := at.NewWorkspaceClient().CreateOrUpdate(ctx, at.g, at.s, "team", apim.WorkspaceContract{
		Properties: &apim.WorkspaceContractProperties{DisplayName: new("Team")}}, nil); err != nil {
		t.Fatal(err)
	}
	c := at.NewWorkspaceAPIClient()
	making, err := c.BeginCreateOrUpdate(ctx, at.g, at.s, "team", "shop", apim.APICreateOrUpdateParameter{Properties: &apim.APICreateOrUpdateProperties{
		DisplayName: new("Shop"), Path: new("team-shop"), Protocols: []*apim.Protocol{new(apim.ProtocolHTTPS)}}}, nil)
	done(t, making, err)
	inside, err := names(ctx, c.NewListByServicePager(at.g, at.s, "team", nil),
		func(p apim.WorkspaceAPIClientListByServiceResponse) []*apim.APIContract { return p.Value },
		func(e *apim.APIContract) *string { return e.Name })
	if err != nil || !slices.Equal(inside, []string{"shop"}) {
		t.Errorf("in the workspace: %q, %v", inside, err)
	}
	if _, err := at.NewAPIClient().Get(ctx, at.g, at.s, "shop", nil); status(err) != http.StatusNotFound {
		t.Errorf("in the service: %v", err)
	}
	if _, err := at.NewWorkspaceAPIPolicyClient().CreateOrUpdate(ctx, at.g, at.s, "team", "shop", apim.PolicyIDNamePolicy, apim.PolicyContract{
		Properties: &apim.PolicyContractProperties{Format: new(apim.PolicyContentFormatRawxml), Value: new("<policies><inbound><base /></inbound></policies>")}}, nil); err != nil {
		t.Error(err)
	}
	if _, err := at.NewWorkspaceClient().Delete(ctx, at.g, at.s, "team", "*", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get(ctx, at.g, at.s, "team", "shop", nil); status(err) != http.StatusNotFound {
		t.Errorf("after the workspace was deleted: %v", err)
	}
}

// TestMembership puts a user into a group, and deletes the user.
func TestMembership(t *testing.T) {
	at := connect(t, serve.Start(t))
	ctx := t.Context()
	if _, err := at.NewGroupClient().CreateOrUpdate(ctx, at.g, at.s, "staff", apim.GroupCreateParameters{
		Properties: &apim.GroupCreateParametersProperties{DisplayName: new("Staff")}}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := at.NewUserClient().CreateOrUpdate(ctx, at.g, at.s, "ann", apim.UserCreateParameters{
		Properties: &apim.UserCreateParameterProperties{Email: new("ann@example.org"), FirstName: new("Ann"), LastName: new("Example")}}, nil); err != nil {
		t.Fatal(err)
	}
	c := at.NewGroupUserClient()
	members := func() []string {
		list, err := names(ctx, c.NewListPager(at.g, at.s, "staff", nil),
			func(p apim.GroupUserClientListResponse) []*apim.UserContract { return p.Value },
			func(e *apim.UserContract) *string { return e.Name })
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if got, err := c.CheckEntityExists(ctx, at.g, at.s, "staff", "ann", nil); err != nil || got.Success {
		t.Errorf("before she is a member: %v, %v", got.Success, err)
	}
	if _, err := c.Create(ctx, at.g, at.s, "staff", "ann", nil); err != nil {
		t.Fatal(err)
	}
	if got, err := c.CheckEntityExists(ctx, at.g, at.s, "staff", "ann", nil); err != nil || !got.Success {
		t.Errorf("as a member: %v, %v", got.Success, err)
	}
	if got := members(); !slices.Equal(got, []string{"ann"}) {
		t.Errorf("members: %q", got)
	}
	deleting, err := at.NewUserClient().BeginDelete(ctx, at.g, at.s, "ann", "*", nil)
	done(t, deleting, err)
	if got := members(); len(got) != 0 {
		t.Errorf("members after the user was deleted: %q", got)
	}
}

// TestPortalSettings changes what is always there.
func TestPortalSettings(t *testing.T) {
	at := connect(t, serve.Start(t))
	c := at.NewSignUpSettingsClient()
	tag := must[apim.SignUpSettingsClientGetEntityTagResponse](t)(c.GetEntityTag(t.Context(), at.g, at.s, nil))
	if tag.ETag == nil {
		t.Fatal("HEAD gives no ETag")
	}
	change := apim.PortalSignupSettings{Properties: &apim.PortalSignupSettingsProperties{
		Enabled: new(true), TermsOfService: &apim.TermsOfServiceProperties{Enabled: new(true), ConsentRequired: new(true), Text: new("Be kind.")}}}
	if _, err := c.Update(t.Context(), at.g, at.s, stale, change, nil); status(err) != http.StatusPreconditionFailed {
		t.Errorf("a version that is not there: %v", err)
	}
	if _, err := c.Update(t.Context(), at.g, at.s, *tag.ETag, change, nil); err != nil {
		t.Fatal(err)
	}
	got := must[apim.SignUpSettingsClientGetResponse](t)(c.Get(t.Context(), at.g, at.s, nil))
	if !*got.Properties.Enabled || text(got.Properties.TermsOfService.Text) != "Be kind." {
		t.Errorf("sign-up settings: %v %q", *got.Properties.Enabled, text(got.Properties.TermsOfService.Text))
	}
}
