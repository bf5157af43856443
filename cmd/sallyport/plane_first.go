package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/sallyport/sallyport/cmd/sallyport/author"
	"github.com/sallyport/sallyport/cmd/sallyport/installation"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/apiops"
)

// first makes the service with the example, or with the configuration folder of
// an earlier release, at the first start; and aims the Echo API at the backend
// that is built in, wherever that listens.
func (s *plane) first(ctx context.Context, in *installation.Installation) error {
	c := transfer.New()
	dir := filepath.Join(s.o.data, "configuration")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) && s.o.example {
		example, remove, err := layExample()
		if err != nil {
			return err
		}
		defer remove()
		dir = example
	}
	if _, err := os.Stat(dir); err == nil {
		read, problems := apiops.Read(os.DirFS(dir), apiops.Options{Env: os.LookupEnv, ReadValue: author.ValueReader(dir)})
		if err := problems.Err(); err != nil {
			return fmt.Errorf("the configuration in %s cannot be used: %w", dir, err)
		}
		c = read
	}
	made, err := in.First(ctx, c)
	if err != nil {
		return err
	}
	if made {
		s.p.log.Info("made the service", slog.String("id", string(in.Names.ID())), slog.Int("resources", len(c.Resources)))
	}
	return s.aimEcho(ctx, in)
}

// aimEcho writes the URL of the built-in backend into the example's Echo API,
// where that is still aimed at it.
func (s *plane) aimEcho(ctx context.Context, in *installation.Installation) error {
	id := in.Names.ID().Child("apis", "echo")
	_, err := in.Plane.Write(ctx, installation.System("serve"), func(session *resource.Session) error {
		e, err := session.Lookup(id)
		if err != nil || e == nil {
			return err
		}
		if now := e.Text("serviceUrl"); !strings.HasSuffix(now, echoPath) || now == s.echoURL {
			return nil
		}
		next := e.Clone()
		next.Set("serviceUrl", s.echoURL)
		return session.Store(id, next.Body)
	})
	return err
}

// exampleKeys are the primary keys of the example's subscriptions.
func (s *plane) exampleKeys() map[string]string {
	keys := map[string]string{}
	ctx := context.Background()
	err := s.in.Plane.Read(ctx, installation.System("serve"), func(session *resource.Session) error {
		for _, name := range []string{"starter", "trial", "unlimited"} {
			e, err := session.Lookup(s.in.Names.ID().Child("subscriptions", name))
			if err != nil {
				return err
			}
			if e == nil {
				continue
			}
			if keys[name], err = session.Reveal(e, "primaryKey"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.p.log.Debug("the example's keys cannot be read", slog.Any("error", err))
	}
	return keys
}
