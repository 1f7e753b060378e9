package protocol

import "golang.org/x/sys/unix"

// batch is reads, or writes, of several sockets that are done together: with one system
// call where the kernel offers that, else with one for each.
type batch struct {
	ring  *ring // nil: one call for each
	worth int   // how many jobs are worth the ring
	jobs  []job
}

// job is one read or write.
type job struct {
	sock  *sock
	fd    int
	buf   []byte
	n     int // bytes read or written; 0 at the end of the stream and with an error
	errno unix.Errno
	done  bool
}

func newBatch(how batching) batch {
	b := batch{worth: 2, jobs: make([]job, 0, ringEntries)}
	if how == batchAll {
		b.worth = 1
	}
	if how != batchNone {
		b.ring = newRing()
	}
	return b
}

// room is how many jobs may be done together. Without a ring there is no gain in that, and
// what one socket sends is best executed while it is in the processor's cache.
func (b *batch) room() int {
	if b.ring == nil {
		return 1
	}
	return ringEntries
}

func (b *batch) full() bool { return len(b.jobs) >= b.room() }

func (b *batch) add(s *sock, buf []byte) {
	b.jobs = append(b.jobs, job{sock: s, fd: s.fd, buf: buf})
}

// read reads for all jobs, and write writes. Both empty the batch and return the jobs with
// their results, valid until the next add.
func (b *batch) read() []job  { return b.do(ringOpRecv, readSocket) }
func (b *batch) write() []job { return b.do(ringOpSend, writeSocket) }

func (b *batch) do(op uint8, one func(fd int, b []byte) (int, unix.Errno)) []job {
	jobs := b.jobs
	b.jobs = b.jobs[:0]
	if b.ring != nil && len(jobs) >= b.worth {
		if b.ring.do(op, jobs) {
			return jobs
		}
		b.close()
	}
	for i := range jobs {
		if j := &jobs[i]; !j.done {
			j.n, j.errno = one(j.fd, j.buf)
		}
	}
	return jobs
}

// finish takes a result as io_uring gives it: bytes, or an error number below 0.
func (j *job) finish(res int32) {
	j.done = true
	if res < 0 {
		j.n, j.errno = 0, unix.Errno(-res)
		return
	}
	j.n, j.errno = int(res), 0
}

// close gives up the ring; the batch goes on without.
func (b *batch) close() {
	if b.ring != nil {
		b.ring.close()
		b.ring = nil
	}
}
