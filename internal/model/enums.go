package model

import "strings"

// The values of enumerations, as the management API spells them. These tables
// are never written.
var (
	hostnameTypes = []HostnameType{
		HostnameProxy, HostnameManagement, HostnamePortal, HostnameDeveloperPortal, HostnameScm, HostnameConfigurationAPI,
	}
	apiTypes           = []APIType{APIHTTP, APISOAP, APIWebSocket, APIGraphQL, APIOData, APIGRPC}
	protocols          = []Protocol{ProtocolHTTP, ProtocolHTTPS, ProtocolWS, ProtocolWSS}
	versioningSchemes  = []VersioningScheme{VersionInSegment, VersionInQuery, VersionInHeader}
	productStates      = []ProductState{ProductPublished, ProductNotPublished}
	groupTypes         = []GroupType{GroupCustom, GroupSystem, GroupExternal}
	userStates         = []UserState{UserActive, UserBlocked, UserPending, UserDeleted}
	subscriptionStates = []SubscriptionState{
		SubscriptionActive, SubscriptionSuspended, SubscriptionSubmitted,
		SubscriptionRejected, SubscriptionCancelled, SubscriptionExpired,
	}
	backendTypes         = []BackendType{BackendSingle, BackendOfBackends}
	backendProtocols     = []BackendProtocol{BackendHTTP, BackendSOAP}
	affinitySources      = []string{"cookie"}
	policyFormats        = []PolicyFormat{PolicyXML, PolicyRawXML, PolicyXMLLink, PolicyRawXMLLink}
	loggerTypes          = []LoggerType{LoggerApplicationInsights, LoggerAzureEventHub, LoggerAzureMonitor}
	alwaysLogs           = []string{"allErrors"}
	correlationProtocols = []string{"Legacy", "None", "W3C"}
	verbosities          = []string{"error", "information", "verbose"}
	operationNameFormats = []string{"Name", "Url"}
	samplingTypes        = []string{"fixed"}
	maskingModes         = []string{"Mask", "Hide"}
)

// speller is implemented by the resources that have enumerations. The
// management API takes their values in any case of letters, and files that were
// written by hand have them so; spell gives them the API's own spelling, so that
// all else may compare them.
type speller interface{ spell() }

func spell[T ~string](value *T, allowed []T) {
	for _, a := range allowed {
		if strings.EqualFold(string(*value), string(a)) {
			*value = a
			return
		}
	}
}

func (s *Service) spell() {
	for i := range s.HostnameConfigurations {
		spell(&s.HostnameConfigurations[i].Type, hostnameTypes)
	}
}

func (a *API) spell() {
	spell(&a.Type, apiTypes)
	for i := range a.Protocols {
		spell(&a.Protocols[i], protocols)
	}
	if a.APIVersionSet != nil {
		spell(&a.APIVersionSet.VersioningScheme, versioningSchemes)
	}
}

func (v *VersionSet) spell()     { spell(&v.VersioningScheme, versioningSchemes) }
func (p *Product) spell()        { spell(&p.State, productStates) }
func (g *Group) spell()          { spell(&g.Type, groupTypes) }
func (u *User) spell()           { spell(&u.State, userStates) }
func (s *Subscription) spell()   { spell(&s.State, subscriptionStates) }
func (p *Policy) spell()         { spell(&p.Format, policyFormats) }
func (f *PolicyFragment) spell() { spell(&f.Format, policyFormats) }
func (l *Logger) spell()         { spell(&l.LoggerType, loggerTypes) }

func (b *Backend) spell() {
	spell(&b.Type, backendTypes)
	spell(&b.Protocol, backendProtocols)
	if b.Pool != nil && b.Pool.SessionAffinity != nil && b.Pool.SessionAffinity.SessionID != nil {
		spell(&b.Pool.SessionAffinity.SessionID.Source, affinitySources)
	}
}

func (d *Diagnostic) spell() {
	spell(&d.AlwaysLog, alwaysLogs)
	spell(&d.HTTPCorrelationProtocol, correlationProtocols)
	spell(&d.Verbosity, verbosities)
	spell(&d.OperationNameFormat, operationNameFormats)
	if d.Sampling != nil {
		spell(&d.Sampling.SamplingType, samplingTypes)
	}
	for _, p := range []*DiagnosticPipeline{d.Frontend, d.Backend} {
		if p == nil {
			continue
		}
		p.Request.spell()
		p.Response.spell()
	}
}

func (m *DiagnosticMessage) spell() {
	if m == nil || m.DataMasking == nil {
		return
	}
	for i := range m.DataMasking.Headers {
		spell(&m.DataMasking.Headers[i].Mode, maskingModes)
	}
	for i := range m.DataMasking.QueryParams {
		spell(&m.DataMasking.QueryParams[i].Mode, maskingModes)
	}
}
