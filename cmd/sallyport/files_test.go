package main

import "testing"

func TestMaxConnections(t *testing.T) {
	tests := []struct {
		name        string
		files       uint64
		http, https bool
		want        int
	}{
		{"one listener", 1024, true, false, 512},
		{"two listeners", 1024, true, true, 256},
		{"no limit", 0, true, false, 0},
		{"as good as no limit", 1 << 62, true, true, 0},
		{"hardly any files", 1, true, true, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := maxConnections(test.files, test.http, test.https); got != test.want {
				t.Errorf("%d connections, want %d", got, test.want)
			}
		})
	}
}
