// Package snapshot is the hinge between the planes: a Document is what is
// published, Compile makes of it an immutable Snapshot, and a Snapshot is what
// a gateway runs. Whatever can be decided before a request comes is decided in
// Compile: routes, compiled policies, key look-up, what expressions see of
// APIs and products.
//
// A Snapshot is never changed. Apply derives the next one from a Delta and
// shares everything that the delta does not touch, so that a new subscription
// key costs microseconds and a new named value recompiles only the policy
// documents that use it.
package snapshot
