package library

import (
	"github.com/sallyport/sallyport/internal/expr/library/apim"
	"github.com/sallyport/sallyport/internal/expr/library/array"
	"github.com/sallyport/sallyport/internal/expr/library/clr"
	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/library/crypto"
	"github.com/sallyport/sallyport/internal/expr/library/dates"
	"github.com/sallyport/sallyport/internal/expr/library/json"
	"github.com/sallyport/sallyport/internal/expr/library/linq"
	"github.com/sallyport/sallyport/internal/expr/library/net"
	"github.com/sallyport/sallyport/internal/expr/library/regex"
	"github.com/sallyport/sallyport/internal/expr/library/text"
	"github.com/sallyport/sallyport/internal/expr/library/uri"
	"github.com/sallyport/sallyport/internal/expr/library/xml"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// tables lists the tables of every sub-package. Of two types with the same simple name, the first is meant.
func tables(runtime value.Runtime) [][]types.Table {
	return [][]types.Table{
		clr.Tables(), array.Tables(), dates.Tables(runtime), collections.Tables(), linq.Tables(), json.Tables(), crypto.Tables(), regex.Tables(), text.Tables(),
		net.Tables(), xml.Tables(), uri.Tables(), apim.Tables(),
	}
}
