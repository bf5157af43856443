// Package uri is System.Uri for policy expressions: absolute and relative references, their parts, their
// escaping and their combination.
package uri
