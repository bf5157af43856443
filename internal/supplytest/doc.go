// Package supplytest checks what the program is made of: that a build can be
// repeated, and that the list of the packages that it links is right. It has a
// package of its own because it builds the program several times.
package supplytest
