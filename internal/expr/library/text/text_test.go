package text_test

import (
	"errors"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/exprtest"
)

// TestText checks StringBuilder, Encoding, StringReader and StringWriter by what C# gives.
func TestText(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"append", `return new StringBuilder("a").Append(1).Append(true).Append('c').Append(1.5).Append((object)null).Append(new[] { 'x', 'y' }).Append('z', 3).AppendFormat("{0:D3}", 7).ToString();`, "a1Truec1.5xyzzz007"},
		{"edit", `var b = new StringBuilder("hello"); b.Insert(0, "> ").Remove(2, 1).Replace("l", "LL"); b[0] = '#'; b.Length = 6; return b + "|" + b.Length + b.ToString(1, 2);`, "# eLLL|6 e"},
		{"lines", `return new StringBuilder().AppendLine("a").AppendLine().AppendJoin(",", new[] { 1, 2 }).ToString();`, "a\n\n1,2"},
		{"UTF-16 places", `var b = new StringBuilder("\U0001F600x"); b[2] = 'y'; return b.ToString() + b.Length;`, "😀y3"},
		{"encodings", `return Convert.ToBase64String(Encoding.UTF8.GetBytes("ä")) + Convert.ToBase64String(Encoding.Unicode.GetBytes("ä")) + Encoding.ASCII.GetString(Encoding.ASCII.GetBytes("ä")) + Encoding.GetEncoding("iso-8859-1").GetBytes("ä")[0];`, "w6Q=5AA=?228"},
		{"invalid bytes", `return Encoding.UTF8.GetString(new byte[] { 0x61, 0xE2, 0x82, 0x62, 0xFF });`, "a\uFFFDb\uFFFD"},
		{"a lone surrogate", `return Convert.ToBase64String(Encoding.UTF8.GetBytes("\uD83D"));`, "77+9"},
		{"counts", `return Encoding.UTF8.GetByteCount("ä€") + "," + Encoding.UTF8.GetCharCount(new byte[] { 0xF0, 0x9F, 0x98, 0x80 });`, "5,2"},
		{"reader", `var r = new System.IO.StringReader("a\r\nb\nc"); return r.ReadLine() + r.Peek() + r.ReadLine() + r.ReadToEnd() + (r.ReadLine() == null);`, "a98bcTrue"},
		{"writer", `var w = new System.IO.StringWriter(); w.Write("{0}-{1}", 1, "x"); w.WriteLine(true); w.Write('c'); return w.ToString();`, "1-xTrue\nc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := exprtest.Run(t, tt.code); err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// TestErrors checks what throws, and that a text cannot grow past its limit.
func TestErrors(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"place", `return new StringBuilder("a").Insert(2, "x");`, "System.ArgumentOutOfRangeException"},
		{"null bytes", `return Encoding.UTF8.GetString((byte[])null);`, "System.ArgumentNullException"},
		{"unknown encoding", `return Encoding.GetEncoding("nope");`, "System.ArgumentException"},
		{"growth", `var b = new StringBuilder("x"); while (true) b.Append(b.ToString());`, "System.InvalidOperationException"},
		{"growth by replacement", `var b = new StringBuilder("xxxxxxxx"); while (true) b.Replace("x", "xxxxxxxx");`, "System.InvalidOperationException"},
		{"growth by repetition", `return new StringBuilder().Append('x', int.MaxValue);`, "System.InvalidOperationException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := exprtest.Run(t, tt.code)
			var x *expr.Exception
			if !errors.As(err, &x) || x.Type != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
