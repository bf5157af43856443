package subscribe

import (
	"net/http"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// reveal shows the keys: in the answer of a form, so that they are in no address,
// no history and no cache.
func (s *section) reveal(x *page.Exchange) error {
	got, err := owned(x)
	if err != nil {
		return err
	}
	path := client.PathIn("subscriptions", got.Name, "listSecrets")
	keys, err := client.Post[client.SubscriptionKeys](x.R.Context(), x.Client(), path, nil, client.AsPortal())
	if err != nil {
		return err
	}
	f := s.showPage(x, &got)
	f.Shown = true
	f.Keys[0].Value, f.Keys[1].Value = keys.PrimaryKey, keys.SecondaryKey
	return s.renderShow(x, http.StatusOK, f)
}

// The choices of a new key. They are never written.
var (
	// overlaps is how long the old key works beside the new one; "" ends it at once.
	overlaps = []page.Option{
		{Value: "PT1H", Text: "1 hour"}, {Value: "PT24H", Text: "1 day"}, {Value: "P7D", Text: "7 days"}, {Value: "P30D", Text: "30 days"},
		{Value: "none", Text: "No time: it stops at once"},
	}
	// lives is how many days the new key works.
	lives = []page.Option{
		{Value: "0", Text: "Never"}, {Value: "30", Text: "In 30 days"}, {Value: "90", Text: "In 90 days"},
		{Value: "180", Text: "In 180 days"}, {Value: "365", Text: "In a year"},
	}
)

// daysOf are the lives in days. It is never written.
var daysOf = map[string]int{"0": 0, "30": 30, "90": 90, "180": 180, "365": 365}

const oneDay = 24 * time.Hour

// renewPage is the form for a new key.
type renewPage struct {
	row
	Key, Overlap, Life string
	// Version is the subscription as it was when the form was shown.
	Version         string
	Overlaps, Lives []page.Option
	Problems        []page.Problem
}

func (s *section) renewPage(x *page.Exchange, got *client.Resource[client.Subscription], key string) (*renewPage, error) {
	if key != "primary" && key != "secondary" || !live(&got.Properties) {
		return nil, problem.NotFound("Key", key)
	}
	return &renewPage{
		row: s.row(x, got), Key: key, Version: got.ETag, Overlap: "PT24H", Life: "0", Overlaps: overlaps, Lives: lives,
	}, nil
}

func (s *section) askRenew(x *page.Exchange) error {
	got, err := owned(x)
	if err != nil {
		return err
	}
	f, err := s.renewPage(x, &got, x.R.URL.Query().Get("key"))
	if err != nil {
		return err
	}
	return s.renderRenew(x, http.StatusOK, f)
}

func (s *section) renderRenew(x *page.Exchange, status int, f *renewPage) error {
	return x.Render(status, page.Page{
		Title: "Renew " + f.Key + " key", Section: "subscriptions", Template: "renew", Data: f,
		Crumbs: []page.Link{{Text: "Your subscriptions", Path: "/subscriptions"}, {Text: f.Name, Path: f.Path}},
	})
}

// renew makes a new key. A form that is sent a second time finds the subscription
// changed, and does nothing.
func (s *section) renew(x *page.Exchange) error {
	got, err := owned(x)
	if err != nil {
		return err
	}
	form := x.Form()
	f, err := s.renewPage(x, &got, form.Get("key"))
	if err != nil {
		return err
	}
	if form.Get("version") != got.ETag {
		return x.Redirect(f.Path, noticeChanged)
	}
	f.Overlap, f.Life = form.Get("overlap"), form.Get("life")
	days, ok := daysOf[f.Life]
	if !ok || !has(overlaps, f.Overlap) {
		f.Problems = []page.Problem{{Field: "overlap", Text: "Choose one of the values."}}
		return s.renderRenew(x, http.StatusUnprocessableEntity, f)
	}
	if err := makeKey(x, got.Name, f, days); err != nil {
		list, status := problems(err, map[string]string{"overlap": "overlap", "expires": "life"})
		if status == 0 {
			return err
		}
		f.Problems = list
		return s.renderRenew(x, status, f)
	}
	if f.Overlap == "none" {
		return x.Redirect(f.Path, noticeReplaced)
	}
	return x.Redirect(f.Path, noticeRotated)
}

func has(options []page.Option, value string) bool {
	for _, o := range options {
		if o.Value == value {
			return true
		}
	}
	return false
}

// makeKey asks for the new key. An old key that shall not go on is ended at once,
// with those that went before it.
func makeKey(x *page.Exchange, id string, f *renewPage, days int) error {
	body := map[string]any{"keyType": f.Key, "overlap": f.Overlap}
	if f.Overlap == "none" {
		body["overlap"] = "PT0S"
	}
	if days > 0 {
		body["expires"] = x.Clock().Now().UTC().Add(time.Duration(days) * oneDay).Truncate(time.Second).Format(time.RFC3339)
	}
	action := "sallyportRotateKey"
	if f.Overlap == "none" && days == 0 {
		action, body = map[string]string{"primary": "regeneratePrimaryKey", "secondary": "regenerateSecondaryKey"}[f.Key], nil
	}
	var given any
	if body != nil {
		given = body
	}
	_, err := client.Post[map[string]any](x.R.Context(), x.Client(), client.PathIn("subscriptions", id, action), given, client.AsPortal())
	return err
}
