// Package attack holds the attack set of the expression engine: expressions that try to get out of the list of
// types, to run forever, to take memory without end, or to bring the process down. It is tests only.
package attack
