// Package sockets reads from many sockets, or writes to many, with one system call.
//
// Where a server or a load generator answers small requests, entering the kernel is what
// costs most: once for each read and once for each write. On Linux a [Batch] hands all of a
// turn's reads to the kernel together, and then all of its writes, through an io_uring that
// is used as nothing but a system call that takes a list. Where there is no io_uring, or it
// is forbidden, the same batch makes one call after the other.
//
// It knows nothing of what the bytes mean, of polling, or of who owns the sockets.
package sockets

// Use says when a batch uses a ring, if there is one.
type Use int

const (
	UseForSeveral Use = iota // if there are at least two jobs
	UseAlways                // even for one: for tests
	UseNever                 // for tests
)
