package engine

import (
	"bytes"
	"testing"

	"elasticache-local/slots"
)

// FuzzCommands runs commands, one per line, words between blanks: whatever the
// arguments, nothing panics, every command replies exactly once or waits, and
// the counters stay right.
func FuzzCommands(f *testing.F) {
	for _, s := range []string{
		"SET a 1 EX 10 NX\nINCR a\nAPPEND a x\nGETRANGE a -1 5",
		"SETBIT a 100 1\nBITFIELD a OVERFLOW SAT SET i5 #3 -9 INCRBY u63 7 5\nBITPOS a 1 3 -1 BIT\nBITOP NOT a a",
		"MSET {a}1 x {a}2 y\nLCS {a}1 {a}2 IDX MINMATCHLEN 1 WITHMATCHLEN\nRENAME {a}1 {a}2\nCOPY {a}2 {a}3 DB 1 REPLACE",
		"SCAN 281474976710655 COUNT 3 MATCH {a}*\nKEYS [a-\nRANDOMKEY\nSWAPDB 0 1\nMOVE a 2\nFLUSHALL",
		"EXPIREAT a 9223372036854775 GT LT\nPEXPIRE a -9223372036854775808\nGETEX a PERSIST\nOBJECT FREQ a\nMEMORY USAGE a SAMPLES 0",
		"LPUSH l a\nSET l b XX GET\nINCRBYFLOAT f 1e4932\nSETRANGE s 60000 x\nDEL s",
		"HSET h f 1\nSADD s 1 2 x\nZADD z 1 a\nSORT s BY nosort\nCOPY h z REPLACE\nBLPOP l 0",
	} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	rigs := map[bool]*rig{false: newRig(false), true: newRig(true)}
	for _, r := range rigs {
		r.set(func(s *Settings) {
			s.ProtoMaxBulk = 64 << 10 // no fuzzed offset makes a large string
			s.MaxMemory, s.MaxMemoryPolicy = 32<<10, PolicyAllKeysLFU
		})
	}
	f.Fuzz(func(t *testing.T, script []byte, cluster bool) {
		r := rigs[cluster]
		r.do("FLUSHALL")
		r.takeLog()
		r.takeEvents()
		for _, line := range bytes.SplitN(script, []byte{'\n'}, 50) {
			args := bytes.Fields(line)
			if len(args) == 0 {
				continue
			}
			r.fuzzed(t, args)
			r.c.Now += 7
			r.c.Evict(10)
			r.c.ExpireCycle(10)
		}
		r.check(t)
	})
}

func (r *rig) fuzzed(t *testing.T, args [][]byte) {
	cmd := r.table.Lookup(args[0])
	if cmd != nil && len(cmd.Subs) > 0 && len(args) > 1 {
		cmd = cmd.Sub(args[1])
	}
	if cmd == nil || cmd.Run == nil || !cmd.ArityOK(len(args), r.c.KS.Settings().Version) {
		return
	}
	pos, ok := cmd.AppendKeys(nil, args)
	for _, p := range pos {
		ok = ok && (r.c.KS.Single() || slots.Of(args[p]) == slots.Of(args[pos[0]]))
	}
	if !ok { // a node refuses it
		return
	}
	r.c.Args = args
	r.c.W.Reset()
	r.call(cmd)
	if w := r.c.TakeWaiter(); w != nil {
		r.c.KS.Lock(w.Slot())
		r.c.KS.CancelWaiterLocked(w)
		r.c.KS.Unlock(w.Slot())
		return
	}
	if reply := r.c.W.Bytes(); replyLen(reply) != len(reply) {
		t.Fatalf("%q: not one reply: %q", args, reply)
	}
}

// replyLen is the length of the reply that b begins with, 0 when it is none.
func replyLen(b []byte) int {
	line := bytes.Index(b, []byte("\r\n"))
	if line < 1 {
		return 0
	}
	n, isNumber := parseInt(b[1:line])
	at := line + 2
	switch b[0] {
	case '+', '-', ':':
		return at
	case '$':
		if !isNumber || n < -1 {
			return 0
		}
		if n < 0 {
			return at
		}
		return min(at+int(n)+2, len(b)+1)
	case '*':
		for ; n > 0; n-- {
			size := replyLen(b[at:])
			if size == 0 {
				return 0
			}
			at += size
		}
		return at
	}
	return 0
}
