// Package model says what Sallyport manages: services, APIs, operations,
// products, subscriptions and the rest, as plain data with the property names
// of the Microsoft.ApiManagement REST API, version 2024-05-01.
//
// The package does no input or output. A resource is a pointer to one of its
// structs; [Decode] and [Encode] turn the properties of a resource from and
// into canonical JSON, [Validate] checks what can be said of one resource
// alone, and [CheckReferences] what can be said of all of them together.
package model
