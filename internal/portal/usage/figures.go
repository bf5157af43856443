package usage

import (
	"fmt"
	"strconv"

	"github.com/sallyport/sallyport/internal/client"
)

// figures are a row of a report, written for people.
type figures struct{ client.ReportRow }

// MeanText and P95Text are how long calls took.
func (f figures) MeanText() string { return f.time(f.Mean) }

// P95Text is the time that 95 of 100 calls did not exceed.
func (f figures) P95Text() string { return f.time(f.P95) }

// time writes a time of calls, where there were any.
func (f figures) time(ms float64) string {
	if f.Total == 0 {
		return "–"
	}
	return milliseconds(ms)
}

// Data is what was moved.
func (f figures) Data() string { return bytes(f.Bandwidth) }

// ErrorShare is the share of calls that failed or were blocked.
func (f figures) ErrorShare() string { return percent(f.Errors(), f.Total) }

// milliseconds writes a time for people: "0.44 ms", "120 ms", "1.5 s".
func milliseconds(ms float64) string {
	switch {
	case ms >= 10_000:
		return strconv.FormatFloat(ms/1000, 'f', 0, 64) + " s"
	case ms >= 1000:
		return strconv.FormatFloat(ms/1000, 'f', 1, 64) + " s"
	case ms >= 10:
		return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
	case ms >= 1:
		return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
	}
	return strconv.FormatFloat(ms, 'f', 2, 64) + " ms"
}

// bytes writes a size for people: "512 B", "1.4 MB".
func bytes(n uint64) string {
	const step = 1000
	if n < step {
		return fmt.Sprintf("%d B", n)
	}
	size, unit := float64(n)/step, 0
	for size >= step && unit < 4 {
		size, unit = size/step, unit+1
	}
	return fmt.Sprintf("%.1f %cB", size, "kMGTP"[unit])
}

// percent writes a share: "0.4 %".
func percent(part, whole uint64) string {
	if whole == 0 {
		return "0 %"
	}
	return strconv.FormatFloat(float64(part)*100/float64(whole), 'f', 1, 64) + " %"
}

// count writes a number of calls with a narrow space at each thousand, as the
// frame's templates do.
func count(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "\u202f" + text[i:]
	}
	return text
}
