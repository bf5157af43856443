// Package site is the content and the look of the developer portal as plain
// data: pages, navigation, theme and media, with the rules that they keep and
// the folder that they are read from and written to. docs/formats/portal.md
// specifies all of it.
//
// It draws nothing: internal/portal/content does, and internal/control/apply
// keeps what a folder says.
package site
