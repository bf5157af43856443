package site

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sallyport/sallyport/cmd/sallyport/administer"
	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/people"
)

// Command is sallyport portal.
func Command() *cobra.Command {
	c := &cobra.Command{Use: "portal", Short: "Look after the developer portal"}
	c.AddCommand(signInCommand())
	commandline.Strict(c)
	return c
}

// administrator is the name of the user that every service has.
const administrator = "1"

func signInCommand() *cobra.Command {
	f := &administer.Flags{}
	user, at := administrator, "http://"+DefaultAddress
	c := &cobra.Command{
		Use:   "sign-in",
		Short: "Print a link that signs a user in at the developer portal, once, within five minutes",
		Long: "The link is for the administrator of the service, or for another user by name or e-mail address. Whoever has it\n" +
			"is signed in: it works once, and for five minutes.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			token := ""
			err := f.With(c, "portal sign-in", func(in *installation.Installation, by *resource.Call) error {
				_, err := in.Plane.Write(c.Context(), by, func(s *resource.Session) (err error) {
					token, err = signInToken(s, in.Names.ID(), user)
					return err
				})
				return err
			})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), strings.TrimSuffix(at, "/")+"/signin-sso?token="+url.QueryEscape(token))
			return err
		},
	}
	f.Bind(c)
	c.Flags().StringVar(&user, "user", user, "name or e-mail address of the user")
	c.Flags().StringVar(&at, "portal-url", at, "URL at which visitors reach the portal")
	return c
}

// signInToken makes the token, and the service's keys that sign it where there are
// none.
func signInToken(s *resource.Session, service resource.ID, user string) (string, error) {
	keys := service.Child("tenant", "access")
	there, err := s.Has(keys)
	if err != nil {
		return "", err
	}
	if !there {
		if _, err := s.Put(keys, resource.Object(map[string]any{})); err != nil {
			return "", fmt.Errorf("making the keys that sign links: %w", err)
		}
	}
	e, err := findUser(s, service, user)
	if err != nil {
		return "", err
	}
	if state := e.Text("state"); state != "" && state != "active" {
		return "", fmt.Errorf("the user %s is %s and cannot sign in", e.ID.Name(), state)
	}
	return people.SignInToken(s, e.ID)
}

// findUser is a user by name, or by address.
func findUser(s *resource.Session, service resource.ID, user string) (*resource.Entity, error) {
	if !strings.Contains(user, "@") {
		return s.Get(service.Child("users", user))
	}
	for e, err := range s.Collection(service + "/users") {
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(e.Text("email"), user) {
			return e, nil
		}
	}
	return nil, fmt.Errorf("there is no user with the address %s", user)
}
