package apim

import (
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// null is the value of the members that a gateway outside of Azure has nothing for.
func null(*value.Thread, value.Value) (value.Value, *value.Exception) { return value.Nil, nil }

func nullText(*value.Thread, value.Value) (value.String, *value.Exception) { return value.Null, nil }

// absentTables declares the types of those members.
func absentTables() []types.Table {
	return []types.Table{
		{Namespace: namespace, Decl: "interface IPrivateEndpointConnection", Members: []types.Entry{
			{Sig: "string Name { get; }", Impl: types.ObjStr(nullText)},
			{Sig: "string GroupId { get; }", Impl: types.ObjStr(nullText)},
			{Sig: "string MemberName { get; }", Impl: types.ObjStr(nullText)},
		}},
		{Namespace: namespace, Decl: "interface IFoundry", Members: []types.Entry{{Sig: "string Deployment { get; }", Impl: types.ObjStr(nullText)}}},
		{Namespace: namespace, Decl: "interface ISustainabilityInfo", Members: []types.Entry{
			{Sig: "CarbonIntensityCategory CurrentCarbonIntensity { get; }", Impl: types.ObjInt(func(*value.Thread, value.Value) (int64, *value.Exception) { return 0, nil })},
		}},
		{Namespace: namespace, Decl: "enum CarbonIntensityCategory", Members: []types.Entry{
			{Sig: "NotAvailable = 0"}, {Sig: "VeryLow = 1"}, {Sig: "Low = 2"}, {Sig: "Medium = 3"}, {Sig: "High = 4"}, {Sig: "VeryHigh = 5"},
		}},
		{Namespace: namespace, Decl: "interface IGraphQL", Members: []types.Entry{
			{Sig: "IGraphQLDataObject GraphQLArguments { get; }", Impl: types.ObjVal(null)},
			{Sig: "IGraphQLDataObject Parent { get; }", Impl: types.ObjVal(null)},
		}},
		{Namespace: namespace, Decl: "interface IGraphQLDataObject"},
	}
}
