package usage

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// columns are those of every file, behind what its rows are about.
func columns() []string {
	return []string{
		"calls", "success", "blocked", "failed", "other", "bytes", "latency_average_ms", "latency_p95_ms",
		"backend_average_ms", "backend_p95_ms",
	}
}

// export answers with the figures as a file (RFC 4180).
func export(x *page.Exchange, admin bool) error {
	ctx, cancel := context.WithTimeout(x.R.Context(), readTimeout)
	defer cancel()
	r, err := read(ctx, x, admin)
	if err != nil {
		return err
	}
	first, rows, err := r.table(ctx, x.R.URL.Query().Get("table"))
	if err != nil {
		return err
	}
	h := x.W.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="usage-%s-%s.csv"`, r.period.Key, r.to.Format("2006-01-02")))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	x.W.WriteHeader(http.StatusOK)
	return write(x, append(first, columns()...), rows)
}

// write writes the file row by row.
func write(x *page.Exchange, head []string, rows func(yield func([]string) bool)) error {
	w := csv.NewWriter(x.W)
	w.UseCRLF = true
	if err := w.Write(head); err != nil {
		return nil // The visitor has gone.
	}
	for cells := range rows {
		for i := range cells {
			cells[i] = harmless(cells[i])
		}
		if w.Write(cells) != nil {
			return nil
		}
	}
	w.Flush()
	return nil
}

// table returns what the rows of a file are about, and the rows.
func (r *request) table(ctx context.Context, name string) (first []string, rows func(func([]string) bool), err error) {
	if name == "time" {
		points, err := r.points(ctx)
		return []string{"start"}, func(yield func([]string) bool) {
			for i := range points {
				if !yield(append([]string{points[i].Start.Format(time.RFC3339)}, cells(&points[i].ReportRow)...)) {
					return
				}
			}
		}, err
	}
	q := r.query()
	q.OrderBy, q.Most = "callCountTotal desc", MaxExport
	list, err := client.Report(ctx, r.x.Client(), r.by.report, q)
	return []string{r.by.Key, "id"}, func(yield func([]string) bool) {
		for i := range list {
			name, id := r.by.about(&list[i])
			if !yield(append([]string{name, id}, cells(&list[i])...)) {
				return
			}
		}
	}, err
}

// cells are the figures of a row.
func cells(row *client.ReportRow) []string {
	var out []string
	for _, n := range [...]uint64{row.Total, row.Success, row.Blocked, row.Failed, row.Other, row.Bandwidth} {
		out = append(out, strconv.FormatUint(n, 10))
	}
	for _, ms := range [...]float64{row.Mean, row.P95, row.BackendMean, row.BackendP95} {
		out = append(out, strconv.FormatFloat(ms, 'f', -1, 64))
	}
	return out
}

// harmless makes a cell that a spreadsheet would take for a formula a text:
// names are chosen by people.
func harmless(cell string) string {
	trimmed := strings.TrimLeft(cell, " \u00a0")
	if trimmed != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(trimmed[0])) {
		return "'" + cell
	}
	return cell
}
