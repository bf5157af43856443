// Package apim declares what API Management itself gives to expressions: the variable context with all that
// hangs on it, Jwt and BasicAuthCredentials.
package apim

import "github.com/sallyport/sallyport/internal/expr/types"

// Tables returns the tables of the package.
func Tables() []types.Table {
	list := []types.Table{contextTable(), variablesTable(), parametersTable(), multiTable("IHeaders"), multiTable("IQuery"), multiTable("IClaims"), urlTable()}
	list = append(list, messageTables()...)
	list = append(list, staticTables()...)
	list = append(list, absentTables()...)
	list = append(list, certificatesTable())
	list = append(list, jwtTables()...)
	return append(list, extensionTable(), formTable())
}

func certificatesTable() types.Table {
	return types.Table{Namespace: namespace, Decl: "interface ICertificates : System.Collections.Generic.IReadOnlyDictionary<string, " + certificateType + ">"}
}
