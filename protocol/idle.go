package protocol

import (
	"sync"
	"sync/atomic"
	"time"
)

// idleTimer closes silent clients. It counts seconds only while there is a timeout, so
// that connections need no clock: they note the tick of their last batch.
type idleTimer struct {
	tick atomic.Int64 // seconds

	mu struct {
		sync.Mutex
		timeout int64 // seconds; 0: none
		timer   *time.Timer
		stopped bool
	}
}

// SetIdleTimeout changes after how long a silent client is closed: the option "timeout".
// Clients for which the Handler has called Conn.SetIdleExempt are left alone.
func (s *Server) SetIdleTimeout(timeout time.Duration) {
	t := &s.idle
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mu.timeout = int64(timeout / time.Second)
	if t.mu.timeout > 0 && t.mu.timer == nil && !t.mu.stopped {
		t.mu.timer = time.AfterFunc(time.Second, s.idleSecond)
	}
}

// idleSecond runs once a second while there is a timeout.
func (s *Server) idleSecond() {
	timeout, ok := s.idle.advance()
	if !ok {
		return
	}
	now := s.idle.tick.Load()
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.mu.conns {
		if now-c.lastTick.Load() > timeout && !c.idleExempt.Load() {
			c.Close()
		}
	}
}

func (t *idleTimer) advance() (timeout int64, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.mu.stopped || t.mu.timeout == 0 {
		t.mu.timer = nil
		return 0, false
	}
	t.tick.Add(1)
	t.mu.timer.Reset(time.Second)
	return t.mu.timeout, true
}

func (t *idleTimer) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mu.stopped = true
	if t.mu.timer != nil {
		t.mu.timer.Stop()
	}
}
