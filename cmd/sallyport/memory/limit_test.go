package memory

import "testing"

func TestGoLimit(t *testing.T) {
	tests := []struct {
		name, text string
		want       int64
	}{
		{"a limit", "268435456\n", 268435456 / 100 * 85},
		{"none in version 2", "max\n", 0},
		{"none in version 1", "9223372036854771712\n", 0},
		{"nonsense", "lots", 0},
		{"too little to be one", "4096", 0},
		{"negative", "-1", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := goLimit(test.text); got != test.want {
				t.Errorf("goLimit(%q) = %d, want %d", test.text, got, test.want)
			}
		})
	}
}
