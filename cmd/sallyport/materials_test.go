package main

import (
	"bytes"
	"encoding/json"
	"runtime/debug"
	"testing"
)

// TestBillOfMaterials reads what `version --sbom` prints of a build.
func TestBillOfMaterials(t *testing.T) {
	var out bytes.Buffer
	err := writeMaterials(&out, &debug.BuildInfo{
		GoVersion: "go1.26.8", Main: debug.Module{Path: "example.org/program", Version: "(devel)"},
		Deps: []*debug.Module{
			{Path: "example.org/old", Version: "v1.0.0", Replace: &debug.Module{Path: "example.org/one", Version: "v2.0.0+incompatible",
				Sum: "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var bill materials
	if err := json.Unmarshal(out.Bytes(), &bill); err != nil {
		t.Fatal(err)
	}
	if bill.Format != "CycloneDX" || bill.SpecVersion != "1.6" || bill.Metadata.Component.Version != version || len(bill.Components) != 2 {
		t.Errorf("the bill is %s", out.String())
	}
	one := bill.Components[1]
	if one.PURL != "pkg:golang/example.org/one@v2.0.0%2Bincompatible" || len(one.Hashes) != 1 ||
		one.Hashes[0].Content != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("the module is %+v", one)
	}
}
