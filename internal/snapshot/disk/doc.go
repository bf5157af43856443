// Package disk keeps the generations of the configuration that a gateway runs,
// so that it can start when nothing else is there. docs/formats/snapshot.md
// specifies the files. What Save has returned from survives the loss of power.
package disk
