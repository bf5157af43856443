package services

import (
	"net/url"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/people"
)

// serviceActions are the POST routes of a service.
func serviceActions() []resource.Action {
	return []resource.Action{
		{Path: "backup", Permission: access.Backup, Body: "ServiceBackupRestoreParameters", Writes: true, LongRunning: true, Run: backup},
		{Path: "restore", Permission: access.Restore, Body: "ServiceBackupRestoreParameters", Writes: true, LongRunning: true, Run: restore},
		{Path: "migrateToStv2", Permission: access.MigrateToSTV2, Body: "MigrateToStv2Contract", LongRunning: true, Run: kept},
		{Path: "applynetworkconfigurationupdates", Permission: access.ApplyNetworkUpdates,
			Body: "ServiceApplyNetworkConfigurationParameters", LongRunning: true, Run: kept},
		{Path: "connectivityCheck", Permission: access.ConnectivityCheck, Body: "ConnectivityCheckRequest", Run: connectivityCheck},
		{Path: "getssotoken", Permission: access.GetSSOToken, Run: portalSignIn},
	}
}

// portalSignIn makes the link with which the administrator arrives at the portal
// signed in.
func portalSignIn(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	token, err := people.SignInToken(s, e.ID.Child("users", people.Administrator))
	if err != nil {
		return resource.Result{}, err
	}
	return resource.Result{Body: map[string]any{
		"redirectUri": PortalURL(s, e.ID.Name()) + "/signin-sso?token=" + url.QueryEscape(token),
	}}, nil
}
