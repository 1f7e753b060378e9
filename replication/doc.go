// Package replication carries the effects of commands from a primary to those
// who follow it.
//
// A primary has one Log. Whoever changes keys appends the effect to it, still
// holding the slot's lock, so a slot's entries stand in the order in which its
// changes happened. An entry is a slot and a piece of the RESP stream that
// Redis would replicate; offsets count the bytes of that stream, the SELECTs
// between changes of database included. A replica keeps the same stream in a
// Log of its own, so that it can go on from there when it is promoted.
//
//	entry.go     Entry: a slot, a database, commands
//	log.go       Log: Append, Mirror, the replication ids
//	chunk.go     the memory that the stream is kept in
//	backlog.go   what is kept, for how long, and where an offset is found
//	cursor.go    Cursor: a follower's place in the log, batch by batch
//	acks.go      what followers have confirmed; WAIT
//	follower.go  Follower: copy slots, then apply what came after
//	commands.go  the commands of an entry
//
// Following is the one mechanism behind a replica's full sync, its partial
// sync and the move of a slot to another shard:
//
//	cursor, partial := primary.Follow(name, myID, myOffset)
//	f := replication.Resume(cursor, own, target) // if partial, else
//	own.Reset(primary.ID(), cursor.Offset())
//	f := replication.Sync(cursor, own, target)
//	for more := true; more; more, err = f.CopyNext() {
//	}
//	for {
//		applied, wake, err := f.Step(now)
//		// nothing applied: wait for cursor.Ready() or until wake
//	}
//
// Locks: slot.mu → log.mu. A Log calls nobody while it holds its lock. There
// are no goroutines, sockets or clocks here; times are arguments, in whatever
// unit the caller counts, as long as it is the same everywhere.
//
// Bytes: what is given to Append is copied. What a Batch, an Entry or Commands
// hands out points into the log and is valid until the next call of Next or
// Close on that cursor; who wants to keep it copies it.
package replication
