// Package json is Newtonsoft.Json for policy expressions: JToken and its kin, JsonConvert, JSONPath.
package json
