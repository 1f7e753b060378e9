package protocol

import "sync"

// Ahead is for a Handler that profits from seeing what a client has sent
// together before it executes the first of it. Its methods are called on the
// connection's own thread.
type Ahead interface {
	// Ahead is shown commands that will be executed next, in their order, at least
	// two. It returns how many of them, from the first on, it has prepared for; 0 for
	// none. Arguments are valid until the last of these is executed.
	Ahead(c *Conn, commands [][][]byte) int
	// Release is called after the last of those commands, or as soon as it is clear that
	// not all of them will be executed; and whenever a command has panicked.
	Release(c *Conn)
}

const (
	// maxAhead is how many commands are read ahead.
	maxAhead = 16
	// maxAheadArgs is after how many arguments it is enough.
	maxAheadArgs = 128
)

// pipeline is commands that have been read ahead.
type pipeline struct {
	commands [maxAhead][][]byte
	sizes    [maxAhead]int
	count    int
	next     int // the one to be executed next
	prepared int // the Handler has prepared for those before this one; 0: it has not
}

var pipelines = sync.Pool{New: func() any { return new(pipeline) }}

func (p *pipeline) empty() bool { return p.next == p.count }

func (p *pipeline) add(args [][]byte, size int) {
	p.commands[p.count], p.sizes[p.count] = args, size
	p.count++
}

// take gives the next command and its size. Where it begins a stretch that the
// Handler can prepare for, that is done first.
func (p *pipeline) take(c *Conn) (args [][]byte, size int) {
	if p.prepared == 0 && p.count-p.next > 1 {
		if n := c.server.ahead.Ahead(c, p.commands[p.next:p.count]); n > 0 {
			p.prepared = p.next + n
		}
	}
	args, size = p.commands[p.next], p.sizes[p.next]
	p.next++
	return args, size
}

// release tells the Handler that what it has prepared for is over.
func (p *pipeline) release(c *Conn) {
	if p.prepared > 0 {
		p.prepared = 0
		c.server.ahead.Release(c)
	}
}

// readAhead begins a pipeline with a command that was read, and the bytes behind it.
func (c *Conn) readAhead(first [][]byte, size int, behind []byte) {
	if c.pipe == nil {
		c.pipe = pipelines.Get().(*pipeline)
	}
	p := c.pipe
	p.count, p.next = 0, 0
	p.add(first, size)
	c.scan.ahead(p, behind)
}

// endPipeline gives back what has been read ahead. Commands that were not executed
// will be read again.
func (c *Conn) endPipeline() {
	if p := c.pipe; p != nil {
		p.release(c)
		*p = pipeline{}
		c.pipe = nil
		pipelines.Put(p)
	}
}
