package protocol

import (
	"unsafe"

	"elasticache-local/memory"
)

// A long argument that does not arrive whole is read straight into memory of its
// own: it is not moved while the rest comes, and whoever executes the command may
// keep it instead of a copy, see Conn.Give. It takes no room in the input that
// next is given.

const (
	// ownBytes is the length from which an argument gets memory of its own.
	ownBytes = 32 << 10
	// ownGrowth bounds that memory by what has really arrived, whatever a client announces.
	// It may be large, because what has not arrived is not touched; each step copies.
	ownGrowth = 64
	// maxOwnRead is read at once, so that others on the event loop get their turn.
	maxOwnRead = 1 << 20
)

// setAside moves a long argument in progress from the end of b to memory of its own, and
// returns what is left of b.
func (s *scanner) setAside(b []byte) []byte {
	if s.count == 0 || s.bulk < ownBytes || s.own != nil {
		return b
	}
	part := b[s.pos:]
	s.own = memory.Append(memory.Raw(min(s.bulk+2, max(ownGrowth*len(part), ownBytes))), part)
	return b[:s.pos]
}

// ownLacks returns how many bytes an argument with memory of its own still needs, its line end included.
func (s *scanner) ownLacks() int {
	if s.own == nil {
		return 0
	}
	return s.bulk + 2 - len(s.own)
}

// ownRoom returns where to read them.
func (s *scanner) ownRoom() []byte {
	have := len(s.own)
	if have == cap(s.own) {
		s.own = memory.Append(memory.Raw(min(s.bulk+2, ownGrowth*have)), s.own)
	}
	return s.own[have:min(cap(s.own), s.bulk+2, have+maxOwnRead)]
}

// ownReceived takes note of n bytes in ownRoom.
func (s *scanner) ownReceived(n int) { s.own = s.own[:len(s.own)+n] }

// finishOwn makes the argument in s.own one of the command's, if it is whole.
func (s *scanner) finishOwn() bool {
	if s.ownLacks() > 0 {
		return false
	}
	s.spans = append(s.spans, span{start: ^len(s.owned)})
	s.owned = append(s.owned, s.own[:s.bulk])
	s.own = nil
	return true
}

// give reports whether arg has memory of its own. It is true once for each, in the order in which they came.
func (s *scanner) give(arg []byte) bool {
	for i, own := range s.owned {
		if len(own) == len(arg) && unsafe.SliceData(own) == unsafe.SliceData(arg) {
			s.owned = s.owned[i+1:]
			return true
		}
	}
	return false
}

// release lets go of the long arguments of an executed command.
func (s *scanner) release(args [][]byte) {
	clear(args)
	s.owned = nil
}

// ownSize returns how many bytes the long arguments of the command in progress have, and their memory.
func (s *scanner) ownSize() (size, room int) {
	size, room = len(s.own), cap(s.own)
	for _, own := range s.owned {
		size += len(own)
		room += cap(own)
	}
	return size, room
}
