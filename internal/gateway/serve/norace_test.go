//go:build !race

package serve

// raceDetector says that the tests run with the race detector, which makes pools
// drop some of what they are given.
const raceDetector = false
