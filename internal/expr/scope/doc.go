// Package scope holds what is declared around a place in an expression: its levels of variables, constants,
// local functions and type parameters, and which function captures which variable.
package scope
