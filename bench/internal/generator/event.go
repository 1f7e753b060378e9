package generator

// An event is what a poller saw: a connection's socket is ready.
type event struct {
	id                 int // the connection's index
	readable, writable bool
}

// maxEvents is how many events one wait returns.
const maxEvents = 1024
