// Package apiops reads and writes configuration in the folder layout of
// Azure/apiops, without loss. What the layout has no place for (users,
// subscription keys, certificates and the like) is kept in additions of the
// same style, which docs/formats/folder.md lists.
//
// A file that is missing, broken or too large, and a reference that leads
// nowhere, is a problem with its file, line and column; reading goes on, so
// that all problems come at once.
package apiops
