package portal

// templates are the mails that developers get, with default texts of our own.
// The names are those of the management API. It is never written.
var templates = []template{
	{
		name: "ApplicationApprovedNotificationMessage", title: "Application gallery submission approved",
		description: "A developer gets this mail when an application that was submitted to the gallery is approved. It is kept for clients that know of it.",
		subject:     "Your application $AppName is in the gallery",
		says:        []string{"We have looked at your application $AppName and put it into the gallery."},
		parameters:  []string{"AppId", "AppName"},
	},
	{
		name: "AccountClosedDeveloper", title: "Developer farewell letter",
		description: "A developer gets this mail after closing an account.",
		subject:     "Your $OrganizationName account is closed",
		says:        []string{"Your account and your subscriptions are closed, as you asked. Your keys work no longer.", "Thank you for having been with us."},
	},
	{
		name: "QuotaLimitApproachingDeveloperNotificationMessage", title: "Developer quota limit approaching notification",
		description: "A developer gets this mail when the usage of a subscription comes near to its quota.",
		subject:     "Your subscription to $ProdName comes near to its quota",
		says: []string{"The usage of your subscription $SubscriptionName to $ProdName comes near to this quota: $QuotaDescription.",
			"Further calls are refused when it is reached, until $QuotaResetDate."},
		parameters: []string{"ProdName", "SubscriptionName", "QuotaDescription", "QuotaResetDate"},
	},
	{
		name: "NewDeveloperNotificationMessage", title: "Developer welcome letter",
		description: "A developer gets this mail after confirming a new account.",
		subject:     "Welcome to the $OrganizationName APIs",
		says:        []string{"Your account is ready. Have a look at our APIs in the developer portal, and subscribe to what you need."},
	},
	{
		name: "EmailChangeIdentityDefault", title: "Email change notification",
		description: "A developer gets this mail to confirm a new e-mail address.",
		subject:     "Please confirm your new address for $OrganizationName",
		says:        []string{"Please follow this link to make the address your own: $ConfirmUrl", "If you did not ask for that, leave this mail alone."},
		parameters:  []string{"ConfirmUrl", "ConfirmQuery"},
	},
	{
		name: "InviteUserNotificationMessage", title: "Invite user",
		description: "Somebody for whom an account was made gets this mail.",
		subject:     "You are invited to the $OrganizationName developer portal",
		says:        []string{"An account was made for you. Please follow this link to choose a password and to begin: $ConfirmUrl"},
		parameters:  []string{"ConfirmUrl", "ConfirmQuery"},
	},
	{
		name: "NewCommentNotificationMessage", title: "New comment added to an issue",
		description: "A developer gets this mail when there is a comment on an issue of theirs.",
		subject:     "There is a comment on $IssueName",
		says:        []string{"On $CommentDate somebody wrote about your issue $IssueName ($IssueId):", "$CommentText"},
		parameters:  []string{"CommentDate", "CommentText", "IssueId", "IssueName"},
	},
	{
		name: "ConfirmSignUpIdentityDefault", title: "New developer account confirmation",
		description: "A developer gets this mail to confirm the address of a new account.",
		subject:     "Please confirm your new $OrganizationName account",
		says:        []string{"Thank you for signing up. Please follow this link to confirm your address: $ConfirmUrl", "If you did not sign up, leave this mail alone."},
		parameters:  []string{"ConfirmUrl", "ConfirmQuery", "DevUsername"},
	},
	{
		name: "NewIssueNotificationMessage", title: "New issue received",
		description: "A developer gets this mail after submitting an issue on the developer portal.",
		subject:     "Your request $IssueName was received",
		says:        []string{"We have your issue $IssueName ($IssueId) and will look at it. You can follow it in the developer portal."},
		parameters:  []string{"IssueId", "IssueName"},
	},
	{
		name: "PurchaseDeveloperNotificationMessage", title: "New subscription activated",
		description: "A developer gets this mail when a subscription begins.",
		subject:     "Your subscription to $ProdName is active",
		says:        []string{"Your subscription $SubscriptionName to $ProdName is active since $SubStartDate. You find its keys in your profile."},
		parameters:  []string{"ProdName", "SubId", "SubscriptionName", "SubStartDate", "SubTerm"},
	},
	{
		name: "PasswordResetByAdminNotificationMessage", title: "Password reset by publisher notification",
		description: "A developer gets this mail when an administrator has reset the password.",
		subject:     "Your $OrganizationName password was reset",
		says:        []string{"An administrator has reset your password. Please choose a new one when you sign in next."},
		parameters:  []string{"DevPassword", "DevUsername"},
	},
	{
		name: "PasswordResetIdentityDefault", title: "Password change confirmation",
		description: "A developer gets this mail to choose a new password.",
		subject:     "Choose a new password for $OrganizationName",
		says:        []string{"Please follow this link to choose a new password: $ConfirmUrl", "If you did not ask for that, leave this mail alone: nothing has changed."},
		parameters:  []string{"ConfirmUrl", "ConfirmQuery", "DevUsername"},
	},
	{
		name: "RejectDeveloperNotificationMessage", title: "Subscription request declined",
		description: "A developer gets this mail when a subscription is not approved.",
		subject:     "Your request for a subscription to $ProdName",
		says:        []string{"We have looked at your request for a subscription to $ProdName and cannot approve it.", "$Message"},
		parameters:  []string{"ProdName", "SubId", "Message"},
	},
	{
		name: "RequestDeveloperNotificationMessage", title: "Subscription request received",
		description: "A developer gets this mail after asking for a subscription that requires approval.",
		subject:     "Your request for a subscription to $ProdName was received",
		says:        []string{"We have your request for a subscription to $ProdName and will tell you when it is approved."},
		parameters:  []string{"ProdName", "SubId", "SubscriptionName"},
	},
}
