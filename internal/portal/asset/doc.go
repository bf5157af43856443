// Package asset gives the portal's pages what browsers run that no section owns:
// libraries that others wrote, unmodified, and the module that colours code with
// one of them.
//
// vendored/libraries.txt lists each library with its version, its licence, where
// it came from, and the SHA-256 of each of its files; a test compares. The files
// are ES modules and style sheets as their authors publish them: nothing is
// bundled here.
package asset
