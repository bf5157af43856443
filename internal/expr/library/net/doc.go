// Package net is System.Net for policy expressions: WebUtility and IPAddress.
package net
