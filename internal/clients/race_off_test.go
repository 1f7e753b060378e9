//go:build !race

package clients

// raceDetector: everything is several times slower.
const raceDetector = false
