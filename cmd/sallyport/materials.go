package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"runtime/debug"
	"strings"
)

// materials is a bill of materials of a program: CycloneDX 1.6. It holds nothing
// of when and where it was made, so that of two builds it is the same.
type materials struct {
	Schema      string      `json:"$schema"`
	Format      string      `json:"bomFormat"`
	SpecVersion string      `json:"specVersion"`
	Version     int         `json:"version"`
	Metadata    metadata    `json:"metadata"`
	Components  []component `json:"components"`
}

// metadata says whose materials they are.
type metadata struct {
	Component component `json:"component"`
}

// component is one module that was linked.
type component struct {
	Type    string `json:"type"`
	Ref     string `json:"bom-ref"`
	Name    string `json:"name"`
	Version string `json:"version"`
	PURL    string `json:"purl"`
	Hashes  []hash `json:"hashes,omitempty"`
}

// hash is the hash of a module's files, as go.sum has it.
type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

// writeMaterials writes the bill of materials of a build.
func writeMaterials(w io.Writer, info *debug.BuildInfo) error {
	bill := materials{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: metadata{componentOf("application", info.Main.Path, version, "")},
		Components: []component{
			componentOf("library", "std", strings.TrimPrefix(info.GoVersion, "go"), ""),
		},
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		bill.Components = append(bill.Components, componentOf("library", m.Path, m.Version, m.Sum))
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(bill); err != nil {
		return fmt.Errorf("writing the bill of materials: %w", err)
	}
	return nil
}

// componentOf is a module as a component. sum is what go.sum has of it, "h1:…", or
// "".
func componentOf(kind, path, version, sum string) component {
	purl := "pkg:golang/" + path + "@" + url.QueryEscape(version)
	c := component{Type: kind, Ref: purl, Name: path, Version: version, PURL: purl}
	if encoded, ok := strings.CutPrefix(sum, "h1:"); ok {
		if digest, err := base64.StdEncoding.DecodeString(encoded); err == nil {
			c.Hashes = []hash{{"SHA-256", hex.EncodeToString(digest)}}
		}
	}
	return c
}
