package engine

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"unsafe"
)

// zsmall is a sorted set of few and short members: their number and a pack of
// member, score, member, score, … in order. A score is the big-endian float
// without the zero bytes at its end, so that most integers take two bytes. It
// may live in the table's arena.
//
// A score of -0 becomes 0 here, as it does in a listpack.
type zsmall struct {
	pack pack // a view or its own
}

var _ packedObject = (*zsmall)(nil)

// zsmallHead is the size of the number of members in front of the pairs.
const zsmallHead = 4

// zsmallSlack bounds the unused bytes that a shrinking pack keeps.
const zsmallSlack = 256

func newZSmall(items []zitem) *zsmall {
	z := new(zsmall)
	size := zsmallHead
	for _, it := range items {
		size += z.sizeOf(len(it.member), it.score)
	}
	z.pack = make(pack, zsmallHead, size)
	z.addLen(len(items))
	var buf [8]byte
	for _, it := range items {
		z.pack = z.pack.add(stringBytes(it.member))
		z.pack = z.pack.add(packScore(&buf, it.score))
	}
	return z
}

// sizeOf is the length of a pair in bytes.
func (*zsmall) sizeOf(memberLen int, score float64) int {
	var buf [8]byte
	return uvarintLen(memberLen) + memberLen + 1 + len(packScore(&buf, score))
}

func packScore(buf *[8]byte, score float64) []byte {
	if score == 0 {
		return nil
	}
	binary.BigEndian.PutUint64(buf[:], math.Float64bits(score))
	n := 8
	for buf[n-1] == 0 {
		n--
	}
	return buf[:n]
}

func unpackScore(b []byte) float64 {
	var bits uint64
	for i, x := range b {
		bits |= uint64(x) << (56 - 8*i)
	}
	return math.Float64frombits(bits)
}

// pair reads the member and the score at offset at and gives the offset behind.
func (z *zsmall) pair(at int) (m []byte, score float64, after int) {
	m, after = z.pack.next(at)
	s, after := z.pack.next(after)
	return m, unpackScore(s), after
}

// items copies the members and scores.
func (z *zsmall) items() []zitem {
	items := make([]zitem, 0, z.Len())
	for at := zsmallHead; at < len(z.pack); {
		var m []byte
		var score float64
		m, score, at = z.pair(at)
		items = append(items, zitem{score, string(m)})
	}
	return items
}

func (z *zsmall) Kind() Kind       { return KindZSet }
func (z *zsmall) Encoding() string { return "listpack" }
func (z *zsmall) Len() int         { return int(binary.LittleEndian.Uint32(z.pack)) }
func (z *zsmall) Mem() int64       { return int64(unsafe.Sizeof(*z)) + int64(cap(z.pack)) }
func (z *zsmall) Clone() Object    { return &zsmall{bytes.Clone(z.pack)} }

func (z *zsmall) packed() []byte   { return z.pack }
func (z *zsmall) unpacked() Object { return &zsmall{z.pack} }

func (z *zsmall) addLen(n int) {
	binary.LittleEndian.PutUint32(z.pack, uint32(z.Len()+n))
}

func (z *zsmall) hasMember(m []byte) bool {
	at, _ := z.pack.findFrom(zsmallHead, m, 2)
	return at >= 0
}

func (z *zsmall) eachMember(visit func(m []byte) bool) {
	for at := zsmallHead; at < len(z.pack); {
		var m []byte
		m, _, at = z.pair(at)
		if !visit(m) {
			return
		}
	}
}

func (z *zsmall) score(m []byte) (float64, bool) {
	_, after := z.pack.findFrom(zsmallHead, m, 2)
	if after < 0 {
		return 0, false
	}
	s, _ := z.pack.next(after)
	return unpackScore(s), true
}

func (z *zsmall) rank(m []byte) (rank int, score float64, ok bool) {
	for at := zsmallHead; at < len(z.pack); rank++ {
		var x []byte
		x, score, at = z.pair(at)
		if bytes.Equal(x, m) {
			return rank, score, true
		}
	}
	return 0, 0, false
}

func (z *zsmall) add(m []byte, score float64) {
	at := zsmallHead
	for at < len(z.pack) {
		x, s, after := z.pair(at)
		if s > score || s == score && bytes.Compare(x, m) > 0 {
			break
		}
		at = after
	}
	var buf [8]byte
	z.pack = z.pack.splice(at, at, m, packScore(&buf, score))
	z.addLen(1)
}

func (z *zsmall) update(m []byte, score float64) {
	z.remove(m)
	z.add(m, score)
}

func (z *zsmall) remove(m []byte) bool {
	at, after := z.pack.findFrom(zsmallHead, m, 2)
	if at < 0 {
		return false
	}
	_, after = z.pack.next(after)
	z.cut(at, after, 1)
	return true
}

// cut removes n pairs between two offsets.
func (z *zsmall) cut(from, to, n int) {
	z.pack = z.pack.splice(from, to)
	z.addLen(-n)
	if cap(z.pack)-len(z.pack) > max(zsmallSlack, len(z.pack)) {
		z.pack = bytes.Clone(z.pack)
	}
}

// offset is where the pair with a rank begins.
func (z *zsmall) offset(rank int) int {
	at := zsmallHead
	for range rank {
		_, at = z.pack.next(at)
		_, at = z.pack.next(at)
	}
	return at
}

func (z *zsmall) removeSpan(s zspan) {
	if s.to <= s.from {
		return
	}
	from := z.offset(s.from)
	to := from
	for range s.to - s.from {
		_, _, to = z.pair(to)
	}
	z.cut(from, to, s.to-s.from)
}

func (z *zsmall) scoreSpan(r scoreRange) zspan {
	if r.empty() {
		return zspan{}
	}
	var s zspan
	for at := zsmallHead; at < len(z.pack); s.to++ {
		var score float64
		_, score, at = z.pair(at)
		if !r.toMax(score) {
			break
		}
		if !r.fromMin(score) {
			s.from++
		}
	}
	return zspan{s.from, max(s.from, s.to)}
}

// lexSpan looks from the end at which the caller begins to walk: when the
// scores are not all the same, that decides what comes out.
func (z *zsmall) lexSpan(r lexRange, reverse bool) zspan {
	if r.empty() {
		return zspan{}
	}
	forward, backward := zspan{-1, -1}, zspan{-1, -1}
	run := -1 // begin of the latest members that are all past the minimum
	for at, i := zsmallHead, 0; at < len(z.pack); i++ {
		var m []byte
		m, _, at = z.pair(at)
		toMax := r.toMax(m)
		switch {
		case !r.fromMin(m):
			run = -1
		case run < 0:
			run = i
		}
		if i == 0 && !toMax {
			return zspan{}
		}
		if forward.from < 0 {
			forward.from = run
		}
		if forward.from >= 0 && forward.to < 0 && !toMax {
			forward.to = i
		}
		if toMax {
			backward = zspan{run, i + 1}
		}
	}
	switch {
	case run < 0: // the last member is below the minimum
		return zspan{}
	case reverse && backward.from < 0:
		return zspan{}
	case reverse:
		return backward
	case forward.to < 0:
		forward.to = z.Len()
	}
	return forward
}

// cursor walks the members whose ranks are in from..to-1, from the front or
// from the back. Walking backwards needs to know where pairs begin: offsets
// is memory for that.
func (z *zsmall) cursor(from, to int, reverse bool, offsets []uint32) zcursor {
	cur := zcursor{pack: z.pack, left: to - from, reverse: reverse}
	if cur.left <= 0 {
		return cur
	}
	cur.at = z.offset(from)
	if !reverse {
		return cur
	}
	cur.offsets = slices.Grow(offsets[:0], cur.left)
	for at := cur.at; len(cur.offsets) < cur.left; {
		cur.offsets = append(cur.offsets, uint32(at))
		_, at = z.pack.next(at)
		_, at = z.pack.next(at)
	}
	return cur
}
