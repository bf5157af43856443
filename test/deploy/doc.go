// Package deploy checks what is in the folder deploy with the tools of those who
// will run it. It is a module of its own, so that what Helm, Kubernetes and
// BuildKit drag in stays out of the product.
package deploy
