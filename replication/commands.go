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
	c.args = c.args[:0]
	if len(c.rest) == 0 {
		return false
	}
	for range c.header('*') {
		size := c.header('$')
		c.args = append(c.args, c.rest[:size:size])
		c.rest = c.rest[size+len("\r\n"):]
	}
	return true
}

// Key returns the first argument of the next command, mostly its key, without
// going there; nil if it has none.
func (c *Commands) Key() (key []byte) {
	rest := c.rest
	if len(rest) > 0 && c.header('*') > 1 {
		name := c.header('$')
		c.rest = c.rest[name+len("\r\n"):]
		n := c.header('$')
		key = c.rest[:n:n]
	}
	c.rest = rest
	return key
}

// Args returns the command's name and arguments. They point into the payload;
// the slice that holds them is valid until Next.
func (c *Commands) Args() [][]byte { return c.args }

// header reads a line such as "*3\r\n" and returns its number.
func (c *Commands) header(kind byte) int {
	if c.rest[0] != kind {
		panic(fmt.Sprintf("replication: %q where a %q was expected", c.rest[0], kind))
	}
	n, i := 0, 1
	for ; c.rest[i] != '\r'; i++ {
		n = n*10 + int(c.rest[i]-'0')
	}
	c.rest = c.rest[i+len("\r\n"):]
	return n
}
