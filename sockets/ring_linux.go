package sockets

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ring is an io_uring that is used for one thing: to do reads, or writes, of many
// sockets with a single system call. Nothing is ever left under way in it: the kernel
// answers each job before the call returns, because none of them may wait.
//
// That makes the kernel's part of a request without pipelining a good deal cheaper where
// entering it is dear: with page table isolation, and above all in a virtual machine.
type ring struct {
	fd      int
	sqes    []sqe
	cqes    []cqe
	sqTail  *uint32
	cqHead  *uint32
	cqTail  *uint32
	mapping [2][]byte
	probe   [2][4]byte // what works reads into; not on a stack, which may move
}

// sqe is struct io_uring_sqe of the kernel's interface, as far as it is needed.
type sqe struct {
	opcode   uint8
	flags    uint8
	ioprio   uint16
	fd       int32
	off      uint64
	addr     uint64
	len      uint32
	msgFlags uint32
	userData uint64
	_        [24]byte
}

// cqe is struct io_uring_cqe.
type cqe struct {
	userData uint64
	res      int32
	flags    uint32
}

// ringParams is struct io_uring_params.
type ringParams struct {
	sqEntries, cqEntries, flags, threadCPU, threadIdle, features, wqFD uint32
	_                                                                  [3]uint32
	sq                                                                 struct {
		head, tail, mask, entries, flags, dropped, array, _ uint32
		userAddr                                            uint64
	}
	cq struct {
		head, tail, mask, entries, overflow, cqes, flags, _ uint32
		userAddr                                            uint64
	}
}

// From linux/io_uring.h.
const (
	opSend           = 26
	opRecv           = 27
	ringSingleMmap   = 1 << 0 // feature: one mapping for both rings
	ringFastPoll     = 1 << 5 // feature: since 5.7, which has both operations
	ringEnterGet     = 1 << 0 // io_uring_enter waits for completions
	ringOffsetQueues = 0
	ringOffsetSQEs   = 0x10000000
)

// maxRingTries is how often the kernel is asked to go on with the same jobs before the ring is given up.
const maxRingTries = 100 + MaxJobs

// newRing makes a ring, or nil where the kernel has none or forbids it, as container
// runtimes often do.
func newRing() *ring {
	var p ringParams
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, MaxJobs, uintptr(unsafe.Pointer(&p)), 0)
	if errno != 0 {
		return nil
	}
	r := &ring{fd: int(fd)}
	if p.features&ringSingleMmap == 0 || p.features&ringFastPoll == 0 || !r.mmap(&p) || !r.works() {
		r.close()
		return nil
	}
	return r
}

func (r *ring) mmap(p *ringParams) bool {
	const prot, flags = unix.PROT_READ | unix.PROT_WRITE, unix.MAP_SHARED | unix.MAP_POPULATE
	size := max(p.sq.array+4*p.sqEntries, p.cq.cqes+p.cqEntries*uint32(unsafe.Sizeof(cqe{})))
	queues, err := unix.Mmap(r.fd, ringOffsetQueues, int(size), prot, flags)
	if err != nil {
		return false
	}
	r.mapping[0] = queues
	entries, err := unix.Mmap(r.fd, ringOffsetSQEs, int(p.sqEntries)*int(unsafe.Sizeof(sqe{})), prot, flags)
	if err != nil {
		return false
	}
	r.mapping[1] = entries
	at := func(offset uint32) unsafe.Pointer { return unsafe.Pointer(&queues[offset]) }
	r.sqes = unsafe.Slice((*sqe)(unsafe.Pointer(&entries[0])), p.sqEntries)
	r.cqes = unsafe.Slice((*cqe)(at(p.cq.cqes)), p.cqEntries)
	r.sqTail, r.cqHead, r.cqTail = (*uint32)(at(p.sq.tail)), (*uint32)(at(p.cq.head)), (*uint32)(at(p.cq.tail))
	order := unsafe.Slice((*uint32)(at(p.sq.array)), p.sqEntries)
	for i := range order {
		order[i] = uint32(i) // jobs are done as they stand
	}
	return true
}

func (r *ring) close() {
	for _, m := range r.mapping {
		if m != nil {
			unix.Munmap(m)
		}
	}
	unix.Close(r.fd)
}

// works tries the ring on a pair of sockets: one that is empty must say so, and not wait.
func (r *ring) works() bool {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	one, other := r.probe[0][:], r.probe[1][:]
	jobs := []Job{{FD: pair[0], Buf: one}}
	if !r.do(opRecv, jobs) || jobs[0].Errno != unix.EAGAIN {
		return false
	}
	copy(one, "ping")
	jobs = []Job{{FD: pair[1], Buf: one}, {FD: pair[0], Buf: other[:3]}}
	if !r.do(opSend, jobs) || jobs[0].N != 4 || jobs[1].N != 3 {
		return false
	}
	clear(one)
	jobs = []Job{{FD: pair[0], Buf: one}, {FD: pair[1], Buf: other}}
	return r.do(opRecv, jobs) && string(one) == "ping" && jobs[1].N == 3
}

// do carries out jobs, at most MaxJobs, and fills in their results. It reports false if
// the ring is of no use any more; then jobs whose done is false have not been carried out.
func (r *ring) do(op uint8, jobs []Job) bool {
	tail := *r.sqTail
	for i := range jobs {
		j := &jobs[i]
		j.done = false
		r.sqes[(tail+uint32(i))&uint32(len(r.sqes)-1)] = sqe{
			opcode: op, fd: int32(j.FD), addr: uint64(uintptr(unsafe.Pointer(unsafe.SliceData(j.Buf)))), len: uint32(len(j.Buf)),
			msgFlags: unix.MSG_DONTWAIT | unix.MSG_NOSIGNAL, userData: uint64(i),
		}
	}
	atomic.StoreUint32(r.sqTail, tail+uint32(len(jobs)))
	submitted, finished := 0, 0
	for try := 0; finished < len(jobs); try++ {
		flags, wait := uintptr(0), uintptr(0)
		if submitted == len(jobs) { // the kernel has put some off, which it has no reason for
			flags, wait = ringEnterGet, uintptr(len(jobs)-finished)
		}
		n, _, errno := unix.RawSyscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), uintptr(len(jobs)-submitted), wait, flags, 0, 0)
		if errno == 0 {
			submitted += int(n)
		}
		finished += r.collect(jobs)
		if errno != 0 && errno != unix.EINTR && errno != unix.EAGAIN || try == maxRingTries {
			return finished == len(jobs)
		}
	}
	return true
}

// collect takes the results that are there.
func (r *ring) collect(jobs []Job) (n int) {
	head, tail := *r.cqHead, atomic.LoadUint32(r.cqTail)
	for ; head != tail; head++ {
		c := &r.cqes[head&uint32(len(r.cqes)-1)]
		jobs[c.userData].finish(c.res)
		n++
	}
	atomic.StoreUint32(r.cqHead, head)
	return n
}

// ReadOnce reads from a non-blocking socket. n is 0 at the end of the stream and with an error.
func ReadOnce(fd int, b []byte) (int, unix.Errno) { return call(unix.SYS_READ, fd, b) }

// WriteOnce writes as much as a non-blocking socket takes.
func WriteOnce(fd int, b []byte) (int, unix.Errno) { return call(unix.SYS_WRITE, fd, b) }

// call skips the scheduler's bookkeeping, because it cannot block.
func call(trap uintptr, fd int, b []byte) (int, unix.Errno) {
	for {
		n, _, errno := unix.RawSyscall(trap, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		switch errno {
		case 0:
			return int(n), 0
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}
