// Package linq is System.Linq.Enumerable for policy expressions: lazy sequences over any enumerable.
package linq
