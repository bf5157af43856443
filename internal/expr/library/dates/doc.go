// Package dates declares System.DateTime, DateTimeOffset, TimeSpan and TimeZoneInfo. The local time zone is UTC.
package dates

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

const system = "System"

// Tables returns the tables of the package. The .NET Framework rounds what is added to a date, and what a span is
// made of, to whole milliseconds.
func Tables(runtime value.Runtime) []types.Table {
	from, add := spanOf(runtime)
	list := append(dateTimeTables(add), timeSpanTable(from), offsetTable(add))
	return append(list, zoneTables()...)
}
