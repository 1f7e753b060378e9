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
