//go:build race

package client

// raceDetector says that the race detector runs, under which pools forget things
// at random.
const raceDetector = true
