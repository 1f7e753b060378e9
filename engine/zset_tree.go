package engine

import "slices"

// zitem is a member of a sorted set and its score. Items are ordered by score
// and, with the same score, by the member's bytes.
type zitem struct {
	score  float64
	member string
}

func (a zitem) before(b zitem) bool {
	return a.score < b.score || a.score == b.score && a.member < b.member
}

// ztree is a B+tree of items that counts what lies below each branch, so that
// finding an item's rank and the item at a rank cost O(log n). The leaves are
// linked in both directions.
type ztree struct {
	root  *znode
	len   int
	bytes int64 // of all nodes
}

// znode is a leaf or an inner node. In an inner node items[i] is no greater
// than any item below kids[i] and greater than any below kids[i-1]: it stays
// when the item it once was is removed. Every node but the root is at least a
// quarter full, except for leaves that were split by appending.
type znode struct {
	items      []zitem
	kids       []*znode // nil in a leaf
	sizes      []int    // items below each kid
	prev, next *znode   // neighbours of a leaf
}

const (
	znodeItems = 64 // at most, in a leaf and in an inner node
	znodeMin   = znodeItems / 4
	// znodeFill is how full the nodes of a tree built in one go are.
	znodeFill = znodeItems * 7 / 8

	zleafBytes  = 112 + znodeItems*24
	zinnerBytes = 112 + znodeItems*(24+8+8)
)

func (t *ztree) newLeaf() *znode {
	t.bytes += zleafBytes
	return &znode{items: make([]zitem, 0, znodeItems)}
}

func (t *ztree) newInner() *znode {
	t.bytes += zinnerBytes
	return &znode{items: make([]zitem, 0, znodeItems), kids: make([]*znode, 0, znodeItems), sizes: make([]int, 0, znodeItems)}
}

func (n *znode) leaf() bool { return n.kids == nil }

// size is the number of items in n or below it.
func (n *znode) size() int {
	if n.leaf() {
		return len(n.items)
	}
	sum := 0
	for _, s := range n.sizes {
		sum += s
	}
	return sum
}

// lower is the index of the first item that is not before it.
func (n *znode) lower(it zitem) int {
	lo, hi := 0, len(n.items)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if n.items[mid].before(it) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// branch is the index of the kid below which it belongs.
func (n *znode) branch(it zitem) int {
	i := n.lower(it)
	if i == len(n.items) || it.before(n.items[i]) {
		i--
	}
	return max(i, 0)
}

// insert adds an item that is not in the tree.
func (t *ztree) insert(it zitem) {
	if t.root == nil {
		t.root = t.newLeaf()
	}
	t.len++
	left := t.root
	right := t.insertBelow(left, it)
	if right == nil {
		return
	}
	t.root = t.newInner()
	t.root.addKid(0, left, left.size())
	t.root.addKid(1, right, right.size())
}

// insertBelow gives the new right half of n when n had to be split.
func (t *ztree) insertBelow(n *znode, it zitem) (right *znode) {
	if n.leaf() {
		return t.insertLeaf(n, it)
	}
	i := n.branch(it)
	if it.before(n.items[i]) {
		n.items[i] = it
	}
	n.sizes[i]++
	half := t.insertBelow(n.kids[i], it)
	if half == nil {
		return nil
	}
	moved := half.size()
	n.sizes[i] -= moved
	if len(n.kids) == znodeItems {
		right = t.newInner()
		n.moveTail(right, znodeItems/2)
		if i >= znodeItems/2 {
			n, i = right, i-znodeItems/2
		}
	}
	n.addKid(i+1, half, moved)
	return right
}

func (t *ztree) insertLeaf(n *znode, it zitem) (right *znode) {
	i := n.lower(it)
	if len(n.items) == znodeItems {
		at := znodeItems / 2
		switch { // items that arrive in order leave full leaves behind
		case i == znodeItems && n.next == nil:
			at = znodeItems
		case i == 0 && n.prev == nil:
			at = 1
		}
		right = t.newLeaf()
		n.moveTail(right, at)
		right.prev, right.next = n, n.next
		if n.next != nil {
			n.next.prev = right
		}
		n.next = right
		if i > at || at == znodeItems {
			n, i = right, i-at
		}
	}
	n.items = slices.Insert(n.items, i, it)
	return right
}

// addKid puts a kid with size items below it at index i.
func (n *znode) addKid(i int, kid *znode, size int) {
	n.items = slices.Insert(n.items, i, kid.items[0])
	n.kids = slices.Insert(n.kids, i, kid)
	n.sizes = slices.Insert(n.sizes, i, size)
}

func (n *znode) dropKid(i int) {
	n.items = slices.Delete(n.items, i, i+1)
	n.kids = slices.Delete(n.kids, i, i+1)
	n.sizes = slices.Delete(n.sizes, i, i+1)
}

// moveTail moves what stands from index at on to the front of its right
// neighbour.
func (n *znode) moveTail(right *znode, at int) {
	right.items = slices.Insert(right.items, 0, n.items[at:]...)
	n.items = slices.Delete(n.items, at, len(n.items))
	if n.leaf() {
		return
	}
	right.kids = slices.Insert(right.kids, 0, n.kids[at:]...)
	right.sizes = slices.Insert(right.sizes, 0, n.sizes[at:]...)
	n.kids = slices.Delete(n.kids, at, len(n.kids))
	n.sizes = slices.Delete(n.sizes, at, len(n.sizes))
}

// moveHead moves the first count of right to the end of n, its left neighbour.
func (n *znode) moveHead(right *znode, count int) {
	n.items = append(n.items, right.items[:count]...)
	right.items = slices.Delete(right.items, 0, count)
	if n.leaf() {
		return
	}
	n.kids = append(n.kids, right.kids[:count]...)
	n.sizes = append(n.sizes, right.sizes[:count]...)
	right.kids = slices.Delete(right.kids, 0, count)
	right.sizes = slices.Delete(right.sizes, 0, count)
}

// remove takes an item out and reports whether it was there.
func (t *ztree) remove(it zitem) bool {
	if t.root == nil || !t.removeBelow(t.root, it) {
		return false
	}
	t.len--
	switch {
	case t.len == 0:
		*t = ztree{}
	case len(t.root.kids) == 1:
		t.root = t.root.kids[0]
		t.bytes -= zinnerBytes
	}
	return true
}

func (t *ztree) removeBelow(n *znode, it zitem) bool {
	if n.leaf() {
		i := n.lower(it)
		if i == len(n.items) || n.items[i] != it {
			return false
		}
		n.items = slices.Delete(n.items, i, i+1)
		return true
	}
	i := n.branch(it)
	if !t.removeBelow(n.kids[i], it) {
		return false
	}
	n.sizes[i]--
	if len(n.kids[i].items) < znodeMin {
		t.refill(n, i)
	}
	return true
}

// refill merges kid i, which has become small, with a neighbour, or moves items
// from one to the other until they are even.
func (t *ztree) refill(n *znode, i int) {
	if i > 0 {
		i--
	}
	left, right := n.kids[i], n.kids[i+1]
	total := len(left.items) + len(right.items)
	switch {
	case total <= znodeItems:
		left.moveHead(right, len(right.items))
		n.sizes[i] += n.sizes[i+1]
		n.dropKid(i + 1)
		t.unlink(right)
		return
	case len(left.items) < len(right.items):
		left.moveHead(right, total/2-len(left.items))
	default:
		left.moveTail(right, total/2)
	}
	n.items[i+1] = right.items[0]
	n.sizes[i], n.sizes[i+1] = left.size(), right.size()
}

// unlink takes an emptied node out of the accounts and of the leaves' list.
func (t *ztree) unlink(n *znode) {
	if !n.leaf() {
		t.bytes -= zinnerBytes
		return
	}
	t.bytes -= zleafBytes
	n.prev.next = n.next
	if n.next != nil {
		n.next.prev = n.prev
	}
}

// countWhile is how many items stand in front of the first one for which
// below is false. below must be true for a front part of the order and false
// for the rest.
func (t *ztree) countWhile(below func(it *zitem) bool) int {
	count := 0
	for n := t.root; n != nil; {
		lo, hi := 0, len(n.items)
		for lo < hi {
			mid := int(uint(lo+hi) / 2)
			if below(&n.items[mid]) {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		if n.leaf() {
			return count + lo
		}
		if lo == 0 {
			return count
		}
		for _, s := range n.sizes[:lo-1] {
			count += s
		}
		n = n.kids[lo-1]
	}
	return count
}

// rank is how many items are before it.
func (t *ztree) rank(it zitem) int {
	return t.countWhile(func(x *zitem) bool { return x.before(it) })
}

// seek gives the place of the item with a rank from 0 to len-1.
func (t *ztree) seek(rank int) (leaf *znode, i int) {
	n := t.root
	for !n.leaf() {
		k := 0
		for rank >= n.sizes[k] {
			rank -= n.sizes[k]
			k++
		}
		n = n.kids[k]
	}
	return n, rank
}

// newZTree builds a tree from items in order in O(n).
func newZTree(items []zitem) ztree {
	t := ztree{len: len(items)}
	if len(items) == 0 {
		return t
	}
	var level []*znode
	for part := range evenly(len(items), znodeFill) {
		leaf := t.newLeaf()
		leaf.items = append(leaf.items, items[part.from:part.to]...)
		if len(level) > 0 {
			last := level[len(level)-1]
			leaf.prev, last.next = last, leaf
		}
		level = append(level, leaf)
	}
	for len(level) > 1 {
		var above []*znode
		for part := range evenly(len(level), znodeFill) {
			inner := t.newInner()
			for _, kid := range level[part.from:part.to] {
				inner.addKid(len(inner.kids), kid, kid.size())
			}
			above = append(above, inner)
		}
		level = above
	}
	t.root = level[0]
	return t
}

// evenly cuts n things into parts of at most most that differ by at most one.
func evenly(n, most int) func(yield func(zspan) bool) {
	parts := (n + most - 1) / most
	return func(yield func(zspan) bool) {
		for i := range parts {
			if !yield(zspan{n * i / parts, n * (i + 1) / parts}) {
				return
			}
		}
	}
}

// clone copies the nodes; the members' bytes are immutable and shared.
func (t *ztree) clone() ztree {
	c := *t
	if t.root != nil {
		var last *znode
		c.root = t.root.clone(&last)
	}
	return c
}

func (n *znode) clone(last **znode) *znode {
	c := &znode{items: append(make([]zitem, 0, znodeItems), n.items...)}
	if n.leaf() {
		if *last != nil {
			c.prev, (*last).next = *last, c
		}
		*last = c
		return c
	}
	c.kids = make([]*znode, 0, znodeItems)
	for _, kid := range n.kids {
		c.kids = append(c.kids, kid.clone(last))
	}
	c.sizes = append(make([]int, 0, znodeItems), n.sizes...)
	return c
}
