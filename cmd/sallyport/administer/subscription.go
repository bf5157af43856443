package administer

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/people"
)

// SubscriptionCommand works on the keys of subscriptions.
func SubscriptionCommand() *cobra.Command {
	c := &cobra.Command{Use: "subscription", Short: "Rotate the keys of subscriptions"}
	c.AddCommand(rotateKeyCommand())
	return c
}

// rotatedKey is what rotating a subscription's key answers.
type rotatedKey struct {
	Subscription    string    `json:"subscription"`
	KeyType         string    `json:"keyType"`
	Key             string    `json:"key"`
	PreviousExpires time.Time `json:"previousKeyExpires"`
}

// rotation are the flags of subscription rotate-key.
type rotation struct {
	people.Rotation
	workspace string
	expiresIn time.Duration
}

func rotateKeyCommand() *cobra.Command {
	f, r := &Flags{}, &rotation{}
	c := &cobra.Command{
		Use:   "rotate-key NAME",
		Short: "Make a key of a subscription anew, and let the old one work for a while beside it",
		Long: "Makes a key anew and prints it. Until the overlap has ended both keys work, at every gateway, also at those\n" +
			"that have lost the management plane by then. Give the new key to those who call, in that time.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return f.with(c, func(in *installation.Installation) error {
				got, err := r.run(c, in, args[0])
				if err != nil {
					return err
				}
				if f.output == "json" {
					return printJSON(c.OutOrStdout(), got)
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "new %s key of %s: %s\nthe old one works until %s\n",
					got.KeyType, got.Subscription, got.Key, got.PreviousExpires.Format(time.RFC3339))
				return err
			})
		},
	}
	f.Bind(c)
	f.bindOutput(c)
	flags := c.Flags()
	flags.StringVar(&r.KeyType, "key-type", "primary", "which key: primary or secondary")
	flags.DurationVar(&r.Overlap, "overlap", 24*time.Hour, "how long the old key works beside the new one, at most 2160h")
	flags.DurationVar(&r.expiresIn, "expires-in", 0, "after which time the new key ends to work; 0 is never")
	flags.StringVar(&r.workspace, "workspace", "", "the workspace that has the subscription")
	return c
}

// run rotates the key in one change.
func (r *rotation) run(c *cobra.Command, in *installation.Installation, name string) (rotatedKey, error) {
	scope := in.Names.ID()
	if r.workspace != "" {
		scope = scope.Child("workspaces", r.workspace)
	}
	got := rotatedKey{Subscription: name, KeyType: r.KeyType}
	_, err := in.Plane.Write(c.Context(), call("subscription rotate-key"), func(s *resource.Session) error {
		e, err := s.Get(scope.Child("subscriptions", name))
		if err != nil {
			return err
		}
		if r.expiresIn > 0 {
			r.Expires = s.Now().Add(r.expiresIn).Format(time.RFC3339)
		}
		got.Key, got.PreviousExpires, err = people.RotateKey(s, e, r.Rotation)
		return err
	})
	return got, err
}
