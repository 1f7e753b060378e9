package replication

import "fmt"

// Commands walks through the commands of an entry's payload. It trusts the
// payload, which was written by this process, and panics if it is not RESP. It
// does not allocate once it has seen its longest command, and may be used again
// and again:
//
//	for cmds.Reset(payload); cmds.Next(); {
//		execute(cmds.Args())
//	}
type Commands struct {
	rest []byte
	args [][]byte
}

// Reset starts with the first command of payload.
func (c *Commands) Reset(payload []byte) { c.rest = payload }

// Next goes to the next command and tells whether there is one.
func (c *Commands) Next() bool {
	if len(c.rest) == 0 {
		return false
	}
	count, rest := header(c.rest, '*')
	args := c.args[:0]
	for range count {
		var size int
		size, rest = header(rest, '$')
		args = append(args, rest[:size:size])
		rest = rest[size+len("\r\n"):]
	}
	c.args, c.rest = args, rest
	return true
}

// Args returns the command's name and arguments. They point into the payload;
// the slice that holds them is valid until Next.
func (c *Commands) Args() [][]byte { return c.args }

// header reads a line such as "*3\r\n" and returns its number and what is behind it.
func header(b []byte, kind byte) (n int, rest []byte) {
	if b[0] != kind {
		panic(fmt.Sprintf("replication: %q where a %q was expected", b[0], kind))
	}
	if b[2] == '\r' {
		return int(b[1] - '0'), b[len("*3\r\n"):]
	}
	i := 1
	for ; b[i] != '\r'; i++ {
		n = n*10 + int(b[i]-'0')
	}
	return n, b[i+len("\r\n"):]
}
