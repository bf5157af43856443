// Package dates declares System.DateTime, DateTimeOffset, TimeSpan and TimeZoneInfo. The local time zone is UTC.
package dates

import "github.com/sallyport/sallyport/internal/expr/types"

const system = "System"

// Tables returns the tables of the package.
func Tables() []types.Table {
	list := append(dateTimeTables(), timeSpanTable(), offsetTable())
	return append(list, timeZoneTables()...)
}
