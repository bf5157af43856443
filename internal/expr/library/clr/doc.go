// Package clr declares the types of the namespace System that policies may see, from object to Uri, one file
// a type, and implements their members.
package clr

import "github.com/sallyport/sallyport/internal/expr/types"

// Tables returns the tables of the package. Of two types with the same simple name, the first wins.
func Tables() []types.Table {
	list := []types.Table{
		objectTable(), valueTypeTable(), enumTable(), delegateTable(), typeTable(), nullableTable(), nullableStaticTable(),
		stringTable(), stringComparisonTable(), stringComparerTable(), splitOptionsTable(), normalizationFormTable(),
		boolTable(), charTable(),
	}
	list = append(list, numberTables()...)
	list = append(list, decimalTable(), mathTable(), midpointTable(), randomTable(),
		convertTable(), bitConverterTable(), guidTable())
	list = append(list, exceptionTables()...)
	list = append(list, interfaceTables()...)
	list = append(list, tupleTables()...)
	list = append(list, cultureTables()...)
	return list
}

const system = "System"
