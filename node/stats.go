package node

import (
	"bytes"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
)

// stats are the node's counters, as INFO shows them. What changes with every
// command is collected per session and added once per batch.
type stats struct {
	now         atomic.Int64 // unix milliseconds of the latest batch
	contexts    atomic.Uint64
	connections atomic.Int64
	rejected    atomic.Int64
	commands    atomic.Int64
	blocked     atomic.Int64
	paused      atomic.Bool
	syncFull    atomic.Int64
	syncPartial atomic.Int64
	peak        atomic.Int64
	rate        rate
	perCmd      [maxCommands]commandStats // by Command.ID

	errors struct {
		sync.Mutex
		total  int64
		byCode map[string]int64
	}
}

const maxCommands = 512

// commandStats is a line of INFO commandstats.
type commandStats struct {
	calls, nanos, rejected, failed atomic.Int64
}

// reset sets what CONFIG RESETSTAT resets back to zero.
func (st *stats) reset() {
	for _, c := range []*atomic.Int64{&st.connections, &st.rejected, &st.commands, &st.syncFull, &st.syncPartial} {
		c.Store(0)
	}
	for i := range st.perCmd {
		c := &st.perCmd[i]
		for _, a := range []*atomic.Int64{&c.calls, &c.nanos, &c.rejected, &c.failed} {
			a.Store(0)
		}
	}
	st.errors.Lock()
	st.errors.total, st.errors.byCode = 0, nil
	st.errors.Unlock()
}

func (st *stats) countSync(partial bool) {
	if partial {
		st.syncPartial.Add(1)
	} else {
		st.syncFull.Add(1)
	}
}

// maxErrorCodes bounds how many codes are counted apart, as Redis does.
const maxErrorCodes = 128

// countError counts an error reply by its code, its first word.
func (st *stats) countError(msg string) {
	code, _, _ := strings.Cut(msg, " ")
	e := &st.errors
	e.Lock()
	defer e.Unlock()
	e.total++
	if e.byCode == nil {
		e.byCode = map[string]int64{}
	}
	if _, known := e.byCode[code]; known || len(e.byCode) < maxErrorCodes {
		e.byCode[code]++
	}
}

func (st *stats) countErrorLine(line []byte) {
	if i := bytes.IndexAny(line, " \r"); i >= 0 {
		line = line[:i]
	}
	st.countError(string(line))
}

func sortSessions(list []*Session) {
	sort.Slice(list, func(i, j int) bool { return list[i].id < list[j].id })
}

func (st *stats) errorTotal() int64 {
	st.errors.Lock()
	defer st.errors.Unlock()
	return st.errors.total
}

// peakMemory is the most that any INFO has seen.
func (st *stats) peakMemory(used int64) int64 {
	for {
		peak := st.peak.Load()
		if used <= peak {
			return peak
		}
		if st.peak.CompareAndSwap(peak, used) {
			return used
		}
	}
}

// rate is commands per second, as of the last two looks at it that were at
// least a tenth of a second apart.
type rate struct {
	sync.Mutex
	at, count, perSec int64
}

func (r *rate) perSecond(count, now int64) int64 {
	r.Lock()
	defer r.Unlock()
	if r.at != 0 && now-r.at >= 100 {
		r.perSec = max(0, count-r.count) * 1000 / (now - r.at)
	}
	if r.at == 0 || now-r.at >= 100 {
		r.at, r.count = now, count
	}
	return r.perSec
}
