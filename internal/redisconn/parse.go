package redisconn

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Parse reads where servers are. What may hold a secret is never in its errors.
//
// URLs are
//
//	redis://[user[:password]@]host[:port][/database]
//	redis+sentinel://[user[:password]@]host[:port],…/primary[/database]
//	redis+cluster://[user[:password]@]host[:port],…
//
// with rediss instead of redis for TLS, and the options ca=FILE (authorities in
// PEM form), server-name=NAME, sentinel-user and sentinel-password.
//
// Connection strings are those of StackExchange.Redis, of which user, password,
// ssl, sslHost, defaultDatabase and serviceName count; its other options are
// accepted and mean nothing here. Several addresses in one are those of a
// cluster, or with serviceName of sentinels.
func Parse(text string) (Settings, error) {
	if len(text) > MaxText {
		return Settings{}, fmt.Errorf("reading the address of a Redis server: it has %d bytes; the limit (MaxText) is %d", len(text), MaxText)
	}
	parse := parseConnectionString
	if strings.Contains(text, "://") {
		parse = parseURL
	}
	s, err := parse(strings.TrimSpace(text))
	if err == nil {
		err = s.check()
	}
	if err != nil {
		return Settings{}, fmt.Errorf("reading the address of a Redis server: %w", err)
	}
	return s, nil
}

// schemes are the forms of URLs.
var schemes = map[string]Settings{
	"redis":           {Layout: Single},
	"rediss":          {Layout: Single, TLS: true},
	"redis+sentinel":  {Layout: Sentinel},
	"rediss+sentinel": {Layout: Sentinel, TLS: true},
	"redis+cluster":   {Layout: Cluster},
	"rediss+cluster":  {Layout: Cluster, TLS: true},
}

func parseURL(text string) (Settings, error) {
	scheme, rest, _ := strings.Cut(text, "://")
	s, ok := schemes[strings.ToLower(scheme)]
	if !ok {
		return s, errors.New("the scheme is none of redis, rediss, redis+sentinel, rediss+sentinel, redis+cluster, rediss+cluster")
	}
	rest, query, _ := strings.Cut(rest, "?")
	if err := s.readQuery(query); err != nil {
		return s, err
	}
	authority, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		if err := s.readUser(authority[:at]); err != nil {
			return s, err
		}
		authority = authority[at+1:]
	}
	standard := DefaultPort
	if s.Layout == Sentinel {
		standard = DefaultSentinelPort
	}
	if err := s.readAddresses(strings.Split(authority, ","), standard); err != nil {
		return s, err
	}
	err := s.readPath(path)
	return s, err
}

// readUser reads what stands before the @.
func (s *Settings) readUser(text string) error {
	user, password, _ := strings.Cut(text, ":")
	var err, bad error
	if s.User, err = url.PathUnescape(user); err != nil {
		bad = err
	}
	secret, err := url.PathUnescape(password)
	if err != nil {
		bad = err
	}
	if bad != nil {
		return errors.New("user or password is not escaped as in a URL")
	}
	s.Password = Secret(secret)
	return nil
}

func (s *Settings) readAddresses(list []string, standard int) error {
	for _, one := range list {
		address, err := withPort(strings.TrimSpace(one), standard)
		if err != nil {
			return err
		}
		s.Addresses = append(s.Addresses, address)
	}
	return nil
}

func (s *Settings) readPath(path string) error {
	path = strings.Trim(path, "/")
	if s.Layout == Sentinel {
		s.Master, path, _ = strings.Cut(path, "/")
		if strings.ContainsAny(s.Master, " \t\r\n") {
			return errors.New("the name of the primary has a space in it")
		}
	}
	if path == "" {
		return nil
	}
	n, err := strconv.ParseUint(path, 10, 15)
	if err != nil {
		return errors.New("the path is not the number of a database")
	}
	s.Database = int(n) //nolint:gosec // It has 15 bits.
	return nil
}

func (s *Settings) readQuery(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("the options after ? are not escaped as in a URL")
	}
	for name, list := range values {
		value := list[len(list)-1]
		switch name {
		case "ca":
			s.AuthorityFile, s.TLS = value, true
		case "server-name":
			s.ServerName = value
		case "sentinel-user":
			s.SentinelUser = value
		case "sentinel-password":
			s.SentinelPassword = Secret(value)
		default:
			if strings.Contains(query, "@") { // It may be a part of a password.
				return errors.New("an option is none of ca, server-name, sentinel-user, sentinel-password" + escaped)
			}
			return fmt.Errorf("the option %q is none of ca, server-name, sentinel-user, sentinel-password", name)
		}
	}
	return nil
}

// withoutMeaning are the options of StackExchange.Redis that mean nothing here:
// they are about that client.
const withoutMeaning = " abortconnect allowadmin asynctimeout channelprefix checkcertificaterevocation " +
	"configchannel configcheckseconds connectretry connecttimeout heartbeatconsistencychecks heartbeatinterval " +
	"highintegrity keepalive name protocol proxy resolvedns responsetimeout setclientlibrary sslprotocols " +
	"synctimeout tiebreaker tunnel version writebuffer preservesasyncorder "

func parseConnectionString(text string) (Settings, error) {
	var s Settings
	var addresses []string
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		name, value, option := strings.Cut(part, "=")
		switch {
		case part == "":
		case option:
			if err := s.readOption(strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)); err != nil {
				return s, err
			}
		default:
			addresses = append(addresses, part)
		}
	}
	standard := DefaultPort
	switch {
	case s.Master != "":
		s.Layout, standard = Sentinel, DefaultSentinelPort
	case s.TLS:
		standard = DefaultTLSPort
	}
	if s.Layout == Single && len(addresses) > 1 {
		s.Layout = Cluster
	}
	err := s.readAddresses(addresses, standard)
	return s, err
}

// readOption reads an option of a connection string, its name in lower case.
func (s *Settings) readOption(name, value string) error {
	switch name {
	case "user":
		s.User = value
	case "password":
		s.Password = Secret(value)
	case "servicename":
		s.Master = value
	case "sslhost":
		s.ServerName = value
	case "ssl":
		on, err := strconv.ParseBool(strings.ToLower(value))
		if err != nil {
			return errors.New("ssl is neither True nor False")
		}
		s.TLS = on
	case "defaultdatabase":
		n, err := strconv.ParseUint(value, 10, 15)
		if err != nil {
			return errors.New("defaultDatabase is not the number of a database")
		}
		s.Database = int(n) //nolint:gosec // It has 15 bits.
	default:
		if name == "" || !strings.Contains(withoutMeaning, " "+name+" ") {
			return errors.New("there is an option that connection strings of Redis do not have, or a comma in the password")
		}
	}
	return nil
}
