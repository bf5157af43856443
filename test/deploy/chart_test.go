package deploy

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "write deploy/kubernetes anew from the chart")

const (
	root     = "../.."
	chartDir = root + "/deploy/helm/sallyport"
	release  = "sallyport"
)

// values are those with which the chart is rendered: each turns something on or
// off that the others do not.
var values = map[string]map[string]any{
	"default": {},
	"all-on": {
		"image":            map[string]any{"tag": "1.2.3"},
		"imagePullSecrets": []any{map[string]any{"name": "pull"}},
		"control": map[string]any{"url": "https://manage.example", "keyURL": "env://KEY", "flags": []any{"--log-level=debug"},
			"env": []any{map[string]any{"name": "KEY", "value": "x"}}},
		"gateway": map[string]any{"tlsSecret": "tls", "region": "north", "control": "https://a.example,https://b.example",
			"flags": []any{"--log-level=debug"}, "env": []any{map[string]any{"name": "A", "value": "b"}},
			"service":     map[string]any{"annotations": map[string]any{"a": "b"}},
			"persistence": map[string]any{"storageClass": "fast"}},
		"portal": map[string]any{"enabled": true, "url": "https://developers.example", "clientID": "id", "tlsSecret": "tls", "control": "https://a.example",
			"trustedProxies": []any{"10.0.0.0/8"}, "smtp": "smtp://mail.example", "flags": []any{"--log-level=debug"},
			"env": []any{map[string]any{"name": "A", "value": "b"}}, "service": map[string]any{"annotations": map[string]any{"a": "b"}}},
		"nodeSelector": map[string]any{"disk": "ssd"},
		"tolerations":  []any{map[string]any{"key": "edge", "operator": "Exists"}},
	},
	"gateway-only": {"control": map[string]any{"enabled": false}, "networkPolicy": map[string]any{"enabled": false}},
	"portal-only": {
		"control": map[string]any{"enabled": false}, "gateway": map[string]any{"enabled": false}, "networkPolicy": map[string]any{"enabled": false},
		"portal": map[string]any{"enabled": true, "url": "https://developers.example", "clientID": "id"},
	},
	"control-only": {"gateway": map[string]any{"enabled": false}},
}

// render returns the manifests of the chart by the name of their template.
func render(dir string, with map[string]any) (map[string]string, error) {
	c, err := loader.Load(dir)
	if err != nil {
		return nil, fmt.Errorf("loading the chart: %w", err)
	}
	all, err := chartutil.ToRenderValues(c, with, chartutil.ReleaseOptions{Name: release, Namespace: release, IsInstall: true}, nil)
	if err != nil {
		return nil, fmt.Errorf("preparing the values: %w", err)
	}
	rendered, err := engine.Engine{Strict: true}.Render(c, all)
	if err != nil {
		return nil, fmt.Errorf("rendering the chart: %w", err)
	}
	out := map[string]string{}
	for name, text := range rendered {
		if base := filepath.Base(name); strings.HasSuffix(base, ".yaml") && strings.TrimSpace(text) != "" {
			out[base] = text
		}
	}
	return out, nil
}

// kinds are the types that manifests are read into, without a field that these
// do not have.
var kinds = map[string]func() any{
	"v1 Service":                         func() any { return &corev1.Service{} },
	"apps/v1 Deployment":                 func() any { return &appsv1.Deployment{} },
	"apps/v1 StatefulSet":                func() any { return &appsv1.StatefulSet{} },
	"policy/v1 PodDisruptionBudget":      func() any { return &policyv1.PodDisruptionBudget{} },
	"networking.k8s.io/v1 NetworkPolicy": func() any { return &networkingv1.NetworkPolicy{} },
}

// decode reads the manifests of one file, and returns their number.
func decode(text string) (int, error) {
	count := 0
	for document := range strings.SplitSeq(text, "\n---\n") {
		var head struct{ APIVersion, Kind string }
		if err := yaml.Unmarshal([]byte(document), &head); err != nil {
			return count, fmt.Errorf("reading a manifest: %w", err)
		}
		if head.Kind == "" {
			continue
		}
		made, ok := kinds[head.APIVersion+" "+head.Kind]
		if !ok {
			return count, fmt.Errorf("%s %s is no kind that is known here", head.APIVersion, head.Kind)
		}
		if err := yaml.UnmarshalStrict([]byte(document), made()); err != nil {
			return count, fmt.Errorf("%s: %w", head.Kind, err)
		}
		count++
	}
	return count, nil
}

// TestChart lints the chart, and reads what it renders with each set of values
// into the types of Kubernetes.
func TestChart(t *testing.T) {
	for name, with := range values {
		t.Run(name, func(t *testing.T) {
			for _, message := range lint.AllWithKubeVersion(chartDir, with, release, nil).Messages {
				if message.Severity >= support.WarningSev {
					t.Errorf("lint: %s", message)
				}
			}
			files, err := render(chartDir, with)
			if err != nil {
				t.Fatal(err)
			}
			total := 0
			for file, text := range files {
				n, err := decode(text)
				if err != nil {
					t.Errorf("%s: %v", file, err)
				}
				total += n
			}
			if total == 0 {
				t.Error("the chart renders nothing")
			}
			t.Logf("%d manifests", total)
		})
	}
}

// TestChart_NegativeControl reads manifests with faults.
func TestChart_NegativeControl(t *testing.T) {
	files, err := render(chartDir, nil)
	if err != nil {
		t.Fatal(err)
	}
	good := files["gateway.yaml"]
	for name, change := range map[string][2]string{
		"a field that is not there": {"replicas:", "replica:"},
		"a wrong type":              {"replicas: 3", "replicas: three"},
		"an unknown kind":           {"kind: StatefulSet", "kind: StatefulSets"},
		"no YAML":                   {"spec:\n", "spec:\n\t- "},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("%s: the manifest has no %q", name, change[0])
		}
		if _, err := decode(bad); err == nil {
			t.Errorf("%s was not found", name)
		}
	}
}

const manifestHead = "# The chart of ../helm/sallyport with its default values, in the namespace sallyport.\n" +
	"# Secrets that it names are made by hand: see ../README.md.\n"

// TestManifests compares deploy/kubernetes with what the chart renders.
func TestManifests(t *testing.T) {
	files, err := render(chartDir, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "deploy", "kubernetes")
	var names []string
	for name, text := range files {
		names = append(names, name)
		path := filepath.Join(dir, name)
		want := manifestHead + strings.TrimSpace(text) + "\n"
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s is not what the chart renders (go test ./... -run TestManifests -update writes it):\n%s", path, diff)
		}
	}
	there, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range there {
		if !slices.Contains(names, filepath.Base(path)) {
			t.Errorf("%s: the chart renders no such file", path)
		}
	}
}

// TestFlags finds each flag that is used to start the program in its help.
func TestFlags(t *testing.T) {
	help := serveHelp(t)
	files, err := render(chartDir, values["all-on"])
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"Dockerfile": read(t, "deploy/docker/Dockerfile")}
	for name, text := range files {
		texts[name] = text
	}
	for _, unit := range units(t) {
		texts[filepath.Base(unit)] = execStart(t, unit)
	}
	for name, text := range texts {
		for _, used := range flagsOf(text) {
			if !bytes.Contains(help, []byte("--"+used+" ")) && !bytes.Contains(help, []byte("--"+used+"\n")) {
				t.Errorf("%s uses --%s, which serve does not have", name, used)
			}
		}
	}
}
