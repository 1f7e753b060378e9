package node

import (
	"slices"
	"sync"
	"sync/atomic"
)

// passingBytes is how much of the log is applied in passing. If there is more, it is worth
// waking the goroutine that follows.
const passingBytes = 8 << 10

// TurnDone lets replicas follow, now that clients have their replies: protocol.Handler.
func (n *Node) TurnDone() {
	if !n.log.Owes() {
		return
	}
	now := n.stats.now.Load()
	for _, f := range n.followers.all() {
		f.followInPassing(now)
	}
	n.log.Wake() // where that was not possible
}

// followInPassing applies what the source has just written, if it is little and the goroutine
// that follows has nothing to do: to wake that would cost several times as much.
func (n *Node) followInPassing(now int64) {
	f := &n.follow
	if !f.step.TryLock() {
		return
	}
	defer f.step.Unlock()
	if f.attended && f.cursor.Behind() <= passingBytes {
		_, _, _ = f.run.Step(now) // of an error the goroutine learns too
	}
}

// nodeList is a list of nodes that is read without a lock.
type nodeList struct {
	mu   sync.Mutex // held by who changes it
	list atomic.Pointer[[]*Node]
}

// all returns the nodes. Nobody may modify the result.
func (l *nodeList) all() []*Node {
	if list := l.list.Load(); list != nil {
		return *list
	}
	return nil
}

func (l *nodeList) add(n *Node) {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := append(slices.Clone(l.all()), n)
	l.list.Store(&list)
}

func (l *nodeList) remove(n *Node) {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(l.all()), func(one *Node) bool { return one == n })
	l.list.Store(&list)
}
