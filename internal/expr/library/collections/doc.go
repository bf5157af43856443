// Package collections is System.Collections.Generic for policy expressions: the interfaces of sequences, List,
// Dictionary, HashSet, Queue, Stack and their kin, as tables and as run-time objects.
package collections
