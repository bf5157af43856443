package vectors

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// contextDoc is a context as the file of contexts writes it.
type contextDoc struct {
	Timestamp    time.Time        `json:"timestamp"`
	Now          time.Time        `json:"now"`
	ElapsedMs    int64            `json:"elapsedMs"`
	RequestID    string           `json:"requestId"`
	Tracing      bool             `json:"tracing"`
	Request      *messageDoc      `json:"request"`
	Response     *messageDoc      `json:"response"`
	API          *apiDoc          `json:"api"`
	Operation    *host.Operation  `json:"operation"`
	Product      *productDoc      `json:"product"`
	Subscription *subscriptionDoc `json:"subscription"`
	User         *userDoc         `json:"user"`
	Deployment   *deploymentDoc   `json:"deployment"`
	LastError    *host.LastError  `json:"lastError"`
	Variables    typedVariables   `json:"variables"`
}

type apiDoc struct {
	ID, Name, Path, Revision, Version string
	Protocols                         []string
	ServiceURL                        string `json:"serviceUrl"`
	IsCurrentRevision                 bool
}

type productDoc struct {
	ID, Name, State                        string
	ApprovalRequired, SubscriptionRequired bool
	Groups                                 []host.Group
	SubscriptionLimit                      *int32
}

type subscriptionDoc struct {
	ID, Name, Key, PrimaryKey, SecondaryKey string
	CreatedDate, StartDate, EndDate         *time.Time
}

type userDoc struct {
	ID, Email, FirstName, LastName, Note string
	Groups                               []host.Group
	Identities                           []host.Identity
	RegistrationDate                     time.Time
}

type deploymentDoc struct {
	GatewayID, Region, ServiceID, ServiceName string
	Certificates                              map[string]certificateDoc
}

// certificateDoc is a certificate with its private key as PFX in base64.
type certificateDoc struct {
	Base64   []byte
	Password string
}

func (d certificateDoc) build() (*host.Certificate, error) {
	key, leaf, _, err := pkcs12.DecodeChain(d.Base64, d.Password)
	if err != nil {
		return nil, fmt.Errorf("reading a certificate: %w", err)
	}
	return &host.Certificate{Leaf: leaf, Key: key}, nil
}

// variableDoc is a typed variable.
type variableDoc struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

// build makes the call that a context describes, but for its variables.
func (d *contextDoc) build() (*policy.Call, error) {
	call, err := d.Request.call()
	if err != nil {
		return nil, err
	}
	if d.Response != nil {
		if err := d.Response.answer(call.Response); err != nil {
			return nil, err
		}
	}
	ctx := &call.Expr
	ctx.Static = &host.Static{Operation: d.Operation}
	ctx.Timestamp, ctx.Elapsed = d.Timestamp, time.Duration(d.ElapsedMs)*time.Millisecond
	ctx.Now = func() time.Time { return d.Now }
	ctx.LastError, ctx.Tracing, ctx.Trace = d.LastError, d.Tracing, func(string) {}
	if id, err := hex.DecodeString(strings.ReplaceAll(d.RequestID, "-", "")); err == nil {
		copy(ctx.RequestID[:], id)
	}
	if err := d.static(ctx.Static); err != nil {
		return nil, err
	}
	d.caller(ctx)
	return call, nil
}

func (d *contextDoc) static(s *host.Static) error {
	if a := d.API; a != nil {
		u, err := hostURL(a.ServiceURL)
		if err != nil {
			return err
		}
		s.API = &host.API{
			ID: a.ID, Name: a.Name, Path: a.Path, Revision: a.Revision, Version: a.Version, Protocols: a.Protocols,
			ServiceURL: u, IsCurrentRevision: a.IsCurrentRevision,
			KeyHeader: "Ocp-Apim-Subscription-Key", KeyQuery: "subscription-key",
		}
	}
	if p := d.Deployment; p != nil {
		s.Deployment = &host.Deployment{
			Region: p.Region, ServiceID: p.ServiceID, ServiceName: p.ServiceName,
			GatewayID: p.GatewayID, InstanceID: "managed", IsManaged: p.GatewayID == "managed",
			Certificates: map[string]*host.Certificate{},
		}
		for id, doc := range p.Certificates {
			cert, err := doc.build()
			if err != nil {
				return err
			}
			s.Deployment.Certificates[id] = cert
		}
	}
	return nil
}

// caller fills in product, subscription and user.
func (d *contextDoc) caller(ctx *host.Context) {
	if p := d.Product; p != nil {
		ctx.Product = &host.Product{
			ID: p.ID, Name: p.Name, ApprovalRequired: p.ApprovalRequired, SubscriptionRequired: p.SubscriptionRequired,
			Groups: p.Groups, Published: p.State == "Published", SubscriptionsLimit: p.SubscriptionLimit,
		}
	}
	if s := d.Subscription; s != nil {
		ctx.Subscription = &host.Subscription{
			ID: s.ID, Name: s.Name, Key: s.Key, PrimaryKey: s.PrimaryKey, SecondaryKey: s.SecondaryKey,
			Created: orZero(s.CreatedDate), Start: orZero(s.StartDate), End: orZero(s.EndDate),
		}
	}
	if u := d.User; u != nil {
		ctx.User = &host.User{
			ID: u.ID, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, Note: u.Note,
			Groups: u.Groups, Identities: u.Identities, Registered: u.RegistrationDate,
		}
	}
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// hostURL is a URL in the parts that expressions see; "" is nil.
func hostURL(text string) (*host.URL, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // No URL is null in C#.
	}
	u, err := message.ParseURL(text)
	if err != nil {
		return nil, err
	}
	return &host.URL{Scheme: u.Scheme, Host: u.Host, Port: int(u.EffectivePort()), Path: u.Path, RawQuery: u.Query}, nil
}
