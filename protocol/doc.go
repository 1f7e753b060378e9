// Package protocol is bytes on the wire: it turns what a client sends into
// arguments and what a command answers into RESP2 or RESP3, and it owns the
// connections in between.
//
//	Writer      appends replies to a buffer, in the client's protocol version
//	Scanner     finds the commands in what was read so far, within the Limits
//	Conn        one client: scanner → Handler → Writer, as a state machine that does no I/O
//	carriers    move the bytes of a Conn: a goroutine per connection (everywhere),
//	            or event loops shared by many servers (plain TCP on Linux)
//	Server      listeners and the connections that came from them
//
// Every error text that more than one place sends stands in errors.go, word for
// word as Redis 7.0.15 sends it.
//
// What a command means is not known here: no command names, no keys, no slots.
// redcon, whose writers encode the RESP2 types, is imported by this package only.
//
// Who owns bytes: the arguments given to Handler.Command point into the read
// buffer and are valid only during that call. Bytes given to a Writer or to
// Conn.Push are copied.
package protocol
