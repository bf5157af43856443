package main

import (
	"embed"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"text/template"
)

// configs are the configurations of the gateways, as templates over a site.
//
//go:embed config
var configs embed.FS

// subscriptionKey is the key of the scenario key.
const subscriptionKey = "0123456789abcdef0123456789abcdef"

// site is where one gateway runs: what its configuration and its arguments are
// made of.
type site struct {
	// Dir is a folder of its own; Config is what was rendered into it.
	Dir, Config string
	// HTTP, HTTPS and Admin are the addresses to listen on; Origin is behind.
	HTTP, HTTPS, Admin, Origin string
	// Cert and CertKey are files; CertBoth has both in one.
	Cert, CertKey, CertBoth string
	// Key is the subscription key that is let in.
	Key string
	// User is the account of nginx's worker, NginxModules where its modules are.
	User, NginxModules string
	// Lua and Log are variants of nginx.
	Lua, Log bool
}

// newSite chooses a folder and free ports for a peer.
func (s *stage) newSite(p *peer) (*site, error) {
	to := &site{
		Dir: filepath.Join(s.dir, p.name), Origin: s.loop.Origin(), Key: subscriptionKey, User: userName(), NginxModules: nginxModules(),
		Cert: filepath.Join(s.dir, certFile), CertKey: filepath.Join(s.dir, certKeyFile), CertBoth: filepath.Join(s.dir, certBothFile),
		Lua: p.lua, Log: !p.noLog,
	}
	if err := os.Mkdir(to.Dir, 0o700); err != nil {
		return nil, err
	}
	for _, address := range []*string{&to.HTTP, &to.HTTPS, &to.Admin} {
		l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // It does not block.
		if err != nil {
			return nil, err
		}
		*address = l.Addr().String()
		l.Close()
	}
	return to, nil
}

// userName is the account that nginx's worker shall have: the present one.
func userName() string {
	if os.Getuid() == 0 {
		return "root"
	}
	return os.Getenv("USER")
}

// render writes a configuration, a file or a folder, with the site's values.
func (to *site) render(name string) error {
	root := "config/" + name
	to.Config = filepath.Join(to.Dir, filepath.Base(name))
	return fs.WalkDir(configs, root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to.Config, below)
		if entry.IsDir() {
			return os.Mkdir(target, 0o700)
		}
		return to.renderFile(path, target)
	})
}

func (to *site) renderFile(path, target string) error {
	t, err := template.ParseFS(configs, path)
	if err != nil {
		return err
	}
	file, err := os.Create(target)
	if err != nil {
		return err
	}
	if err := t.Execute(file, to); err != nil {
		file.Close()
		return fmt.Errorf("writing %s: %w", target, err)
	}
	return file.Close()
}
