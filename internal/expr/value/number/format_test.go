package number

import "testing"

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
			got, e := Float(test.float, false, test.format)
			if e != nil || got != test.want {
				t.Errorf("Float(%v, %q) = %q, %v; want %q", test.float, test.format, got, e, test.want)
			}
		})
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
		_, _ = Float(1234.5, false, s)
	})
}
