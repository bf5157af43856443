package number

import (
	"math"
	"testing"

	"github.com/sallyport/sallyport/internal/expr/value"
)

func TestFormat(t *testing.T) {
	tests := []struct {
		name, format string
		float        float64
		want         string
	}{
		{"shortest", "", 0.30000000000000004, "0.30000000000000004"},
		{"large", "", 1e17, "1E+17"},
		{"sixteen zeros", "G", 1e16, "10000000000000000"},
		{"small", "", 0.0001, "0.0001"},
		{"smaller", "", 0.00001, "1E-05"},
		{"fixed half even", "F0", 2.5, "2"},
		{"negative zero", "F2", -0.004, "-0.00"},
		{"grouped", "N", 1234567.891, "1,234,567.89"},
		{"percent", "P1", 0.333, "33.3 %"},
		{"currency", "C2", -1.5, "(¤1.50)"},
		{"scientific", "E2", 1234567.891, "1.23E+006"},
		{"general", "G4", 1234567.891, "1.235E+06"},
		{"custom", "#,##0.00", 1e15, "1,000,000,000,000,000.00"},
		{"custom optional", "0.###", 1234567.891, "1234567.891"},
		{"custom exponent", "0.0E+0", -0.004, "-4.0E-3"},
		{"custom negative", "0;(0)", -3, "(3)"},
		{"custom literal", "'x'0\\y", 3, "x3y"},
		{"custom thousands", "0,,.0", 1234567, "1.2"},
		{"custom percent", "0%", 0.256, "26%"},
		{"round trip", "R", 1.0 / 3, "0.3333333333333333"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, e := Real{}.Format(test.float, test.format)
			if e != nil || got != test.want {
				t.Errorf("Format(%v, %q) = %q, %v; want %q", test.float, test.format, got, e, test.want)
			}
		})
	}
}

// TestFormatFramework holds the texts of the .NET Framework.
func TestFormatFramework(t *testing.T) {
	tests := []struct {
		name, format string
		single       bool
		float        float64
		want         string
	}{
		{"fifteen digits", "", false, 0.30000000000000004, "0.3"},
		{"fifteen of many", "", false, 1.0 / 3, "0.333333333333333"},
		{"seven digits", "", true, float64(float32(1.0) / 3), "0.3333333"},
		{"sixteen zeros", "G", false, 1e16, "1E+16"},
		{"fifteen places", "", false, 123456789012345, "123456789012345"},
		{"negative zero", "", false, math.Copysign(0, -1), "0"},
		{"round trip in fifteen", "R", false, 0.1, "0.1"},
		{"round trip in seventeen", "R", false, 0.30000000000000004, "0.30000000000000004"},
		{"round trip of a float", "R", true, float64(float32(0.1)), "0.1"},
		{"round trip of a float in nine", "r", true, float64(float32(1.0) / 3), "0.333333343"},
		{"general with more digits", "G17", false, 0.1, "0.10000000000000001"},
		{"general with fewer", "G4", false, 1234567.891, "1.235E+06"},
		{"fixed half away from zero", "F0", false, 2.5, "3"},
		{"fixed of what looks like a half", "F2", false, 2.675, "2.68"},
		{"fixed beyond the digits", "F20", false, 0.1, "0.10000000000000000000"},
		{"negative that rounds to zero", "F2", false, -0.004, "0.00"},
		{"negative in a custom format", "0.00", false, -0.004, "0.00"},
		{"currency", "C2", false, -0.004, "¤0.00"},
		{"exponent", "E2", false, 1234567.891, "1.23E+006"},
		{"exponent with more digits", "E16", false, 0.1, "1.0000000000000001E-001"},
		{"least", "", false, math.SmallestNonzeroFloat64, "4.94065645841247E-324"},
		{"infinite", "", false, math.Inf(-1), "-Infinity"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := Real{Single: test.single, Runtime: value.NetFramework}
			got, e := r.Format(test.float, test.format)
			if e != nil || got != test.want {
				t.Errorf("Format(%v, %q) = %q, %v; want %q", test.float, test.format, got, e, test.want)
			}
		})
	}
}

// TestParseByRuntime holds where reading differs: too large, and minus zero.
func TestParseByRuntime(t *testing.T) {
	framework := Real{Runtime: value.NetFramework}
	if f, e := (Real{}).Parse("1e400", FloatStyle); e != nil || !math.IsInf(f, 1) {
		t.Errorf(".NET reads 1e400 as %v, %v", f, e)
	}
	if _, e := framework.Parse("1e400", FloatStyle); e == nil || e.Type != "System.OverflowException" {
		t.Errorf("the .NET Framework reads 1e400 with %v", e)
	}
	if f, e := framework.Parse("-Infinity", FloatStyle); e != nil || !math.IsInf(f, -1) {
		t.Errorf("the .NET Framework reads -Infinity as %v, %v", f, e)
	}
	if f, e := framework.Parse("-0", FloatStyle); e != nil || math.Signbit(f) {
		t.Errorf("the .NET Framework reads -0 as %v, %v", f, e)
	}
	if f, e := (Real{}).Parse("-0", FloatStyle); e != nil || !math.Signbit(f) {
		t.Errorf(".NET reads -0 as %v, %v", f, e)
	}
}

func TestFormatInt(t *testing.T) {
	tests := []struct {
		name, format string
		n            int64
		want         string
	}{
		{"plain", "", -5, "-5"},
		{"padded", "D5", -42, "-00042"},
		{"hex", "x8", 255, "000000ff"},
		{"hex negative", "X", -1, "FFFFFFFF"},
		{"grouped", "N0", 1234567, "1,234,567"},
		{"percent", "P", 0, "0.00 %"},
		{"exponent", "E", -42, "-4.200000E+001"},
		{"general", "G3", 1234567, "1.23E+06"},
		{"custom dash", "00-00", 1234567, "12345-67"},
		{"custom", "000", -2147483648, "-2147483648"},
		{"zero section", "0;-0;zero", 0, "zero"},
		{"escape", `\#0`, 7, "#7"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, e := Int(test.n, false, 32, test.format)
			if e != nil || got != test.want {
				t.Errorf("Int(%d, %q) = %q, %v; want %q", test.n, test.format, got, e, test.want)
			}
		})
	}
}

func TestDecimal(t *testing.T) {
	tests := []struct{ name, text, format, want string }{
		{"places are kept", "1.10", "", "1.10"},
		{"zero with places", "0.00", "", "0.00"},
		{"negative", "-1234.5678", "P1", "-123,456.8 %"},
		{"small", "0.0001", "", "0.0001"},
		{"fixed", "2.5", "F0", "3"},
		{"negative zero", "-0.004", "F2", "0.00"},
		{"largest", "79228162514264337593543950335", "E2", "7.92E+028"},
		{"exponent", "100.000", "E2", "1.00E+002"},
		{"custom", "1.10", "0.0", "1.1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, e := ParseDecimal(nil, test.text, NumberAll)
			if e != nil {
				t.Fatal(e.Message)
			}
			got, e := Decimal(d, test.format)
			if e != nil || got != test.want {
				t.Errorf("Decimal(%s, %q) = %q, %v; want %q", test.text, test.format, got, e, test.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1", " -1,234.5e3 ", "(¤1)", "0x", "1e99999", "\u2212"} {
		f.Add(s, uint16(Any))
	}
	f.Fuzz(func(t *testing.T, s string, style uint16) {
		if d, e := ParseDecimal(nil, s, Style(style)); e == nil {
			if _, e := Decimal(d, "N3"); e != nil {
				t.Error(e.Message)
			}
		}
		if n, e := ParseInt(s, Style(style), 32, false); e == nil && (n < -1<<31 || n >= 1<<31) {
			t.Errorf("%d is no int", n)
		}
		_, _ = ParseFloat(s, Style(style), false)
		_, _ = Real{}.Format(1234.5, s)
		_, _ = Real{Runtime: value.NetFramework}.Format(1234.5, s)
	})
}
