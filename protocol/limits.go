package protocol

import "sync/atomic"

// Limits of the wire format. They never change.
const (
	// maxArgs is how many arguments one command may have.
	maxArgs = 1 << 20
	// maxInlineBytes bounds an inline command, and the header line of a command or an argument.
	maxInlineBytes = 64 << 10
	// Until a client has authenticated it may send this much, so that a stranger costs little memory.
	maxUnauthenticatedArgs      = 10
	maxUnauthenticatedBulkBytes = 16 << 10
)

// Class chooses the limits on the output that a client has not read yet.
type Class uint32

const (
	ClassNormal Class = iota
	ClassReplica
	ClassPubSub
	classes
)

// OutputLimit bounds the output that waits for a client: client-output-buffer-limit. Zero means no limit.
type OutputLimit struct {
	HardBytes   atomic.Int64 // above this the client is closed at once
	SoftBytes   atomic.Int64 // above this for SoftSeconds the client is closed
	SoftSeconds atomic.Int64
}

// Set changes the limits: bytes, bytes, seconds.
func (o *OutputLimit) Set(hard, soft, seconds int64) {
	o.HardBytes.Store(hard)
	o.SoftBytes.Store(soft)
	o.SoftSeconds.Store(seconds)
}

// Limits bound what one client can make the server hold. Every field may be
// changed while connections are open; servers may share one Limits.
type Limits struct {
	// MaxBulkBytes is the longest argument: proto-max-bulk-len.
	MaxBulkBytes atomic.Int64
	// QueryBytes is the most input held for one client: client-query-buffer-limit.
	QueryBytes atomic.Int64
	// BacklogBytes is how much unread reply a client may have before its next commands are left in the
	// socket until it reads. It has to be generous: many clients write a whole pipeline before they read.
	BacklogBytes atomic.Int64
	// PushBytes of output waiting for a client make the next Push close it, whatever its class allows.
	PushBytes atomic.Int64
	// Output holds the limits of each Class.
	Output [classes]OutputLimit
}

// NewLimits returns the defaults of Redis, and bounds where Redis has none.
func NewLimits() *Limits {
	l := new(Limits)
	l.MaxBulkBytes.Store(512 << 20)
	l.QueryBytes.Store(1 << 30)
	l.BacklogBytes.Store(64 << 20)
	l.PushBytes.Store(256 << 20)
	l.Output[ClassReplica].Set(256<<20, 64<<20, 60)
	l.Output[ClassPubSub].Set(32<<20, 8<<20, 60)
	return l
}
