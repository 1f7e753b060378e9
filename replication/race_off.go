//go:build !race

package replication

// raceEnabled switches on checks that cost too much otherwise.
const raceEnabled = false
