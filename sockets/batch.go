//go:build unix

package sockets

import "golang.org/x/sys/unix"

// MaxJobs is how many jobs one system call does at most. More gain little, and the thread
// cannot be stopped meanwhile.
const MaxJobs = 64

// maxBytes is how many bytes one system call moves, or a little more: it copies them.
const maxBytes = 1 << 20

// Batch is reads, or writes, that are done together. The sockets must be non-blocking. One
// goroutine at a time may use it.
type Batch struct {
	ring  *ring // nil: one call for each
	worth int   // how many jobs are worth the ring
	jobs  []Job
	bytes int // of their buffers
	last  int // how many jobs there were in the batch before
}

// Job is one read or write, and its result.
type Job struct {
	ID    int // the caller's
	FD    int
	Buf   []byte     // kept until the batch is done
	N     int        // bytes read or written; 0 at the end of the stream and with an error
	Errno unix.Errno // EAGAIN: there is nothing to read, or no room to write
	done  bool
}

// NewBatch makes a batch; Close ends it.
func NewBatch(use Use) *Batch {
	b := &Batch{worth: 2, jobs: make([]Job, 0, MaxJobs)}
	if use == UseAlways {
		b.worth = 1
	}
	if use != UseNever {
		b.ring = newRing()
	}
	return b
}

// Together reports whether jobs are really done with one call. If they are not, there is no
// gain in doing many at a time.
func (b *Batch) Together() bool { return b.ring != nil }

// Full reports whether the batch has to be done before the next Add. Without a ring one
// job fills it: what came is best used while it is in the processor's cache.
func (b *Batch) Full() bool {
	if b.ring == nil {
		return len(b.jobs) > 0
	}
	return len(b.jobs) >= MaxJobs || b.bytes >= maxBytes
}

// Add adds a job: to read into buf, or to write it. Its result is never EINTR.
func (b *Batch) Add(id, fd int, buf []byte) {
	if len(b.jobs) == 0 {
		clear(b.jobs[:b.last]) // they hold on to the memory
		b.last = 0
	}
	b.jobs = append(b.jobs, Job{ID: id, FD: fd, Buf: buf})
	b.bytes += len(buf)
}

// Read reads once for each job, and never waits. It empties the batch and returns the jobs
// with their results, valid until the next Add.
func (b *Batch) Read() []Job { return b.do(opRecv, ReadOnce) }

// Write is Read for writes.
func (b *Batch) Write() []Job { return b.do(opSend, WriteOnce) }

func (b *Batch) do(op uint8, one func(fd int, b []byte) (int, unix.Errno)) []Job {
	jobs := b.jobs
	b.last = len(jobs)
	b.jobs, b.bytes = b.jobs[:0], 0
	if b.ring != nil && len(jobs) >= b.worth {
		if !b.ring.do(op, jobs) {
			b.Close()
		}
	}
	for i := range jobs {
		if j := &jobs[i]; !j.done {
			j.N, j.Errno = one(j.FD, j.Buf)
		}
	}
	return jobs
}

// finish takes a result as io_uring gives it: bytes, or an error number below 0.
func (j *Job) finish(res int32) {
	j.done = res != -int32(unix.EINTR)
	if res < 0 {
		j.N, j.Errno = 0, unix.Errno(-res)
		return
	}
	j.N, j.Errno = int(res), 0
}

// Close gives up the ring. A batch that is used after it makes a call for each job.
func (b *Batch) Close() {
	if b.ring != nil {
		b.ring.close()
		b.ring = nil
	}
}
