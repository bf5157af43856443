package browser

import "testing"

// paymentsDescription is an OpenAPI document with what is hard to show: nested,
// recursive, alternative and combined schemas, all places of parameters, several
// media types, security, callbacks.
func paymentsDescription(tb testing.TB, version string) string {
	tb.Helper()
	ref := func(name string) map[string]any { return map[string]any{"$ref": "#/components/schemas/" + name} }
	content := func(schema map[string]any) map[string]any {
		return map[string]any{"application/json": map[string]any{"schema": schema}}
	}
	parameters := []map[string]any{
		{"name": "payment", "in": "path", "required": true, "description": "The payment's id.", "schema": map[string]any{"type": "string", "format": "uuid"}, "example": "4f3c1c0e-6f7d-4b0e-9d3e-1a7f1f0f2b3c"},
		{"name": "expand", "in": "query", "description": "What is answered in full instead of as a link.", "schema": map[string]any{"type": "array", "maxItems": 3, "items": map[string]any{"type": "string", "enum": []string{"customer", "refunds", "mandate"}}}},
		{"name": "limit", "in": "query", "deprecated": true, "schema": map[string]any{"type": "integer", "minimum": 1, "maximum": 100, "default": 20}},
		{"name": unbroken, "in": "query", "description": unbroken, "schema": map[string]any{"type": "string"}},
		{"name": "Idempotency-Key", "in": "header", "description": "Sent again with the same key, a call is done once.", "schema": map[string]any{"type": "string", "maxLength": 64}},
	}
	responses := map[string]any{
		"200": map[string]any{"description": "The payment.", "content": content(ref("Payment")), "headers": map[string]any{"X-Request-Id": map[string]any{"description": "Tell us this when you ask for help.", "schema": map[string]any{"type": "string"}}}},
		"404": map[string]any{"description": "There is no such payment.", "content": content(ref("Problem"))}, "default": map[string]any{"description": "All else.", "content": content(ref("Problem"))},
	}
	return mustJSON(tb, map[string]any{
		"openapi": "3.0.3", "info": map[string]any{"title": "Payments", "version": version, "description": "Take payments by card, direct debit and bank transfer."},
		"servers":  []map[string]any{{"url": "https://payments.contoso.example"}},
		"tags":     []map[string]any{{"name": "Payments", "description": "Money that comes in."}, {"name": "Refunds", "description": "Money that goes back."}},
		"security": []map[string]any{{"oauth": []string{"payments.read", "payments.write"}}},
		"paths": map[string]any{
			"/payments": map[string]any{
				"get":  map[string]any{"operationId": "listPayments", "summary": "List payments", "tags": []string{"Payments"}, "parameters": parameters[1:3], "responses": map[string]any{"200": map[string]any{"description": "A page of payments.", "content": content(map[string]any{"type": "array", "items": ref("Payment")})}}},
				"post": map[string]any{"operationId": "createPayment", "summary": "Take a payment", "description": "Authorises the amount, and **captures** it at once unless `capture` is `manual`.", "tags": []string{"Payments"}, "parameters": parameters[4:], "requestBody": map[string]any{"required": true, "description": "What is to be paid, and how.", "content": map[string]any{"application/json": map[string]any{"schema": ref("Payment")}, "multipart/form-data": map[string]any{"schema": map[string]any{"type": "object", "properties": map[string]any{"amount": map[string]any{"type": "integer"}, "mandate": map[string]any{"type": "string", "format": "binary"}}}}}}, "responses": responses},
			},
			"/payments/{payment}": map[string]any{
				"get":    map[string]any{"operationId": "getPayment", "summary": "Read a payment", "description": "Answers the payment as it is now.\n\nIt may be *behind* by a second.", "tags": []string{"Payments"}, "parameters": parameters, "responses": responses},
				"delete": map[string]any{"operationId": "cancelPayment", "summary": "Cancel a payment", "deprecated": true, "tags": []string{"Payments"}, "parameters": parameters[:1], "responses": map[string]any{"204": map[string]any{"description": "It is cancelled."}}},
			},
			"/payments/{payment}/refunds": map[string]any{
				"post": map[string]any{"operationId": "refundPayment", "summary": "Refund a payment, in whole or in part", "tags": []string{"Refunds"}, "parameters": parameters[:1], "requestBody": map[string]any{"content": content(ref("Refund"))}, "responses": responses},
				"put":  map[string]any{"operationId": "replaceRefunds", "summary": "Replace the refunds", "tags": []string{"Refunds"}, "parameters": parameters[:1], "responses": responses},
			},
			"/payments/{payment}/" + unbroken: map[string]any{"patch": map[string]any{"operationId": "patchLong", "summary": unbroken, "parameters": parameters[:1], "responses": responses}},
		},
		"components": map[string]any{
			"securitySchemes": map[string]any{"oauth": map[string]any{"type": "oauth2", "flows": map[string]any{"authorizationCode": map[string]any{"authorizationUrl": "https://login.contoso.example/authorize", "tokenUrl": "https://login.contoso.example/token", "scopes": map[string]any{"payments.read": "read payments", "payments.write": "take and refund payments"}}}}},
			"schemas":         paymentSchemas(ref),
		},
	})
}

// paymentSchemas are schemas of depth.
func paymentSchemas(ref func(string) map[string]any) map[string]any {
	text := func(description string) map[string]any {
		return map[string]any{"type": "string", "description": description}
	}
	return map[string]any{
		"Payment": map[string]any{"type": "object", "description": "Money that a customer owes or has paid.", "required": []string{"amount", "method"}, "properties": map[string]any{
			"id": map[string]any{"type": "string", "format": "uuid", "readOnly": true}, "amount": ref("Amount"), "reference": map[string]any{"type": "string", "maxLength": 35, "pattern": "^[A-Z0-9 ]*$", "example": "INVOICE 4711"},
			"method": map[string]any{"oneOf": []any{ref("Card"), ref("Transfer")}, "discriminator": map[string]any{"propertyName": "kind"}}, "customer": ref("Customer"),
			"state": map[string]any{"type": "string", "enum": []string{"pending", "authorised", "captured", "refunded", "failed"}, "readOnly": true}, unbroken: text(unbroken),
			"refunds": map[string]any{"type": "array", "items": ref("Refund")}, "notes": map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "string"}},
			"made": map[string]any{"type": "string", "format": "date-time", "readOnly": true}, "capture": map[string]any{"type": "string", "enum": []string{"automatic", "manual"}, "default": "automatic", "writeOnly": true},
		}},
		"Amount":   map[string]any{"type": "object", "required": []string{"value", "currency"}, "properties": map[string]any{"value": map[string]any{"type": "integer", "format": "int64", "minimum": 1, "description": "In the smallest unit.", "example": 1999}, "currency": map[string]any{"type": "string", "minLength": 3, "maxLength": 3, "example": "EUR"}}},
		"Card":     map[string]any{"type": "object", "required": []string{"kind"}, "properties": map[string]any{"kind": text("Always card."), "token": text("From the form."), "address": map[string]any{"type": "object", "properties": map[string]any{"street": text("With the number."), "place": map[string]any{"type": "object", "properties": map[string]any{"city": text("Its name."), "country": map[string]any{"type": "object", "properties": map[string]any{"code": text("Two letters.")}}}}}}}},
		"Transfer": map[string]any{"allOf": []any{map[string]any{"type": "object", "properties": map[string]any{"kind": text("Always transfer.")}}, map[string]any{"type": "object", "properties": map[string]any{"iban": text("The account."), "bic": text("The bank.")}}}},
		"Customer": map[string]any{"type": "object", "properties": map[string]any{"name": text("As on statements."), "parent": ref("Customer"), "children": map[string]any{"type": "array", "items": ref("Customer")}}},
		"Refund":   map[string]any{"type": "object", "properties": map[string]any{"amount": ref("Amount"), "reason": text("For the statement.")}, "example": map[string]any{"amount": map[string]any{"value": 500, "currency": "EUR"}, "reason": "One of two pairs came back"}},
		"Problem":  map[string]any{"type": "object", "properties": map[string]any{"title": text("What is wrong."), "detail": text("What to do.")}},
	}
}
