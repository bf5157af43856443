//go:build race

package upstream

// raceDetector says that the race detector runs, under which pools forget things
// at random.
const raceDetector = true
