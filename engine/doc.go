// Package engine is what a command does to keys.
//
// It holds the keyspace (a table of keys per slot), the command table and one
// file per command family. It knows no socket, no clock and no random source
// of its own: a [Ctx] brings the arguments, the time, the random source and
// the reply writer into a command, and carries out the effects that the
// command had.
//
// Locking: a data command runs with the lock of its keys' slot held (in a
// keyspace with a single lock domain, of the whole keyspace). Everything
// reached through Ctx is guarded by that lock. Bytes returned from a lookup
// are views into the slot's table: they are valid until the next write to
// that slot and never after the lock is released.
//
// Session commands (HELLO, MULTI, CLUSTER, …) live with the node that has the
// sessions; they are declared with the same [Command] literal.
package engine
