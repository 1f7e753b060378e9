package node

import (
	"bytes"
	"strings"

	"elasticache-local/engine"
	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// Command runs one command: protocol.Handler.
func (n *Node) Command(c *protocol.Conn, args [][]byte) {
	s := c.Session.(*Session)
	if s.locked.by == lockedByGroup {
		s.runPrepared(args)
	} else {
		s.dispatch(args)
	}
}

// dispatch takes a command from its name to its reply.
func (s *Session) dispatch(args [][]byte) {
	mark := s.ctx.W.Len()
	cmd := s.lookup(args)
	s.ctx.Args = args
	refused := s.refusal(cmd, args)
	switch {
	case refused == "" && s.mustWait(cmd, args):
		return
	case refused != "":
		s.refuse(cmd, refused)
	case s.tx.open && !runsInMulti(cmd):
		s.enqueue(cmd, args)
	default:
		s.execute(cmd)
	}
	s.finish(cmd, mark)
}

// lookup finds the command, or nil. Most clients send the same command again
// and again, so the last one is tried first.
func (s *Session) lookup(args [][]byte) *engine.Command {
	if s.cmd != nil && bytes.Equal(s.cmdName, args[0]) {
		return s.subcommand(s.cmd, args)
	}
	cmd := commands.Lookup(args[0])
	if cmd == nil || !s.node.allowed[cmd.ID] {
		return nil
	}
	s.cmd = cmd
	s.cmdName = append(s.cmdName[:0], args[0]...)
	return s.subcommand(cmd, args)
}

// subcommand gives the subcommand that args name, the container itself if they
// name none.
func (s *Session) subcommand(cmd *engine.Command, args [][]byte) *engine.Command {
	if len(cmd.Subs) == 0 || len(args) < 2 {
		return cmd
	}
	if sub := cmd.Sub(args[1]); sub != nil && s.node.allowed[sub.ID] {
		return sub
	}
	return cmd
}

// refusal gives the error with which a command is turned away, "" if it may
// run. The checks stand in the order in which Redis makes them.
func (s *Session) refusal(cmd *engine.Command, args [][]byte) string {
	if cmd == nil {
		if looksLikeHTTP(args[0]) {
			s.conn.HangUp()
		}
		return protocol.ErrUnknownCommand(args)
	}
	if len(cmd.Subs) > 0 && len(args) > 1 { // lookup found no such subcommand
		return protocol.ErrUnknownSubcommand(cmd.Name, args[1])
	}
	if !cmd.ArityOK(len(args), s.node.cfg.Version) {
		return protocol.ErrArity(cmd.Name)
	}
	flags := s.effectiveFlags(cmd)
	if !s.authed && flags&engine.NoAuth == 0 {
		return protocol.ErrNoAuth
	}
	if s.tx.open && flags&engine.NoMulti != 0 {
		return protocol.ErrNotInMulti
	}
	if msg := s.refuseKeys(cmd, args); msg != "" {
		return msg
	}
	if limit := s.node.ks.Settings().MaxMemory; limit > 0 && s.node.ks.Mem() > limit && !s.freeMemory() {
		if flags&engine.DenyOOM != 0 || s.tx.open && !runsInMulti(cmd) { // what is queued takes memory, whatever it does in the end
			return protocol.ErrOOM
		}
	}
	if flags&engine.Write != 0 {
		if msg := s.refuseWrite(); msg != "" {
			return msg
		}
	}
	if s.subTotal() > 0 && s.ctx.W.Proto() == protocol.RESP2 && !allowedWhileSubscribed(cmd) {
		return protocol.ErrSubscriber(cmd.Name)
	}
	if s.node.loading.Load() && flags&engine.Loading == 0 {
		return protocol.ErrLoading
	}
	return ""
}

// looksLikeHTTP recognizes what a web page makes a browser send to a node, to have
// the lines below executed as commands. Redis answers nothing and hangs up.
func looksLikeHTTP(name []byte) bool {
	return bytes.EqualFold(name, []byte("POST")) || bytes.EqualFold(name, []byte("Host:"))
}

// refuseKeys is the early verdict on a command's keys: what is queued in a
// transaction, or is answered from the keyspace's outside, is not looked at
// again under a lock; and a node that is loading still tells whose slot it is.
func (s *Session) refuseKeys(cmd *engine.Command, args [][]byte) string {
	early := s.tx.open || cmd.Flags&engine.Session != 0 || s.node.loading.Load()
	if !s.node.cfg.ClusterMode || !early {
		return "" // decided under the slot's lock
	}
	slot, flags, any := s.slotOf(cmd, args)
	if !any {
		return ""
	}
	v := s.node.view.Load()
	if v.state(slot) == slots.Stable {
		return s.verdictErrorIn(v, s.decide(v, slot, flags|commandFlags(cmd), nil), slot)
	}
	s.lock(slot) // which keys are here matters
	defer s.unlock()
	v = s.node.view.Load()
	return s.verdictErrorIn(v, s.decide(v, slot, flags|commandFlags(cmd), cmd), slot)
}

// maxEvictions bounds how many keys go in front of one command. What is still
// too much goes in front of the next ones.
const maxEvictions = 100

// freeMemory evicts keys in front of a command, which may be one that only
// reads, and reports whether what is left is within maxmemory. A replica leaves
// that to its primary.
func (s *Session) freeMemory() bool {
	if s.node.IsReplica() {
		return true
	}
	s.ctx.Replica = false
	return s.ctx.Evict(maxEvictions)
}

// effectiveFlags are a command's flags; an EXEC has those of what it runs too.
func (s *Session) effectiveFlags(cmd *engine.Command) engine.Flag {
	if s.tx.open && cmd.Name == "exec" {
		return cmd.Flags | s.tx.flags&(engine.Write|engine.DenyOOM)
	}
	return cmd.Flags
}

func (s *Session) refuseWrite() string {
	n := s.node
	replica := n.IsReplica()
	if p := n.Parameters(); p.MinReplicas > 0 && !replica &&
		n.log.GoodReplicas(s.ctx.Now, p.MinReplicasMaxLag*1000) < p.MinReplicas {
		return protocol.ErrNoReplicas
	}
	if replica && !n.cfg.ClusterMode {
		if n.Parameters().CloseOnReplicaWrite { // as the service does: a stale connection should not live on
			s.conn.CloseAfterReply()
		}
		return protocol.ErrReadOnly
	}
	return ""
}

// refuse replies an error that kept a command from running. A refused command
// breaks an open transaction, a refused EXEC ends it.
func (s *Session) refuse(cmd *engine.Command, msg string) {
	if cmd != nil && cmd.Name == "exec" {
		s.discard()
		msg = "EXECABORT Transaction discarded because of: " + strings.TrimPrefix(msg, "ERR ")
	}
	s.tx.broken = s.tx.open
	s.ctx.W.Error(msg)
	s.node.stats.countError(msg)
	if cmd != nil {
		s.node.stats.perCmd[cmd.ID].rejected.Add(1)
	}
}

// execute runs an admitted command.
func (s *Session) execute(cmd *engine.Command) {
	mark := s.ctx.W.Len()
	switch {
	case cmd.Flags&engine.Session != 0:
		cmd.Run(s.ctx)
	default:
		s.route(cmd)
	}
	s.account(cmd, mark)
}

// account adds the command to the statistics and the slow log.
//
// Reading the clock costs as much as a GET. So a run of one and the same brief
// command within a batch is timed as a whole, after the run's first and then
// after every maxRun: the sums are exact, and nothing in the run can be slow of
// itself. Everything else is timed on its own.
func (s *Session) account(cmd *engine.Command, mark int) {
	b := &s.stat
	if b.cmd != cmd {
		s.endRun()
		b.flushCmd(&s.node.stats)
		b.cmd, b.run = cmd, maxRun
	}
	b.commands++
	b.calls++
	out := s.ctx.W.Bytes()
	if len(out) > mark && out[mark] == '-' {
		b.errors++
		s.node.stats.countErrorLine(out[mark+1:])
	}
	limit := s.node.slowlog.threshold.Load()
	if b.run++; b.run < maxRun && cmd.Brief() && len(s.ctx.Args) <= briefArgs && len(out)-mark <= briefReply && (limit < 0 || limit >= minRunLimit) {
		return
	}
	if nanos := s.endRun(); nanos >= limit && limit >= 0 && cmd.Flags&engine.SkipSlowlog == 0 {
		s.node.slowlog.add(s, nanos)
	}
}

const (
	maxRun     = 16
	briefArgs  = 8
	briefReply = 4 << 10 // bytes
	// minRunLimit is the least slowlog-log-slower-than with which runs are
	// timed as a whole, in nanoseconds.
	minRunLimit = 1e6
)

// endRun reads the clock for the commands since the last reading.
func (s *Session) endRun() (nanos int64) {
	b := &s.stat
	if b.run == 0 {
		return 0
	}
	now := s.node.cfg.Clock.Mono()
	nanos = now - b.lastMono
	b.nanos += nanos
	b.lastMono, b.run = now, 0
	return nanos
}

// finish does what follows every reply.
func (s *Session) finish(cmd *engine.Command, mark int) {
	if cmd != nil && s.shared.lastCmd.Load() != cmd {
		s.shared.lastCmd.Store(cmd)
	}
	if s.asking && !s.tx.open && (cmd == nil || cmd.Name != "asking") {
		s.asking = false // a transaction keeps it up to its EXEC, as in Redis
	}
	if len(s.given) > 0 {
		s.given = s.given[:0]
	}
	switch s.quiet {
	case replyOff, replySkip:
		s.ctx.W.Truncate(mark)
		if s.quiet == replySkip {
			s.quiet = replyOn
		}
	case replySkipNext:
		s.ctx.W.Truncate(mark)
		s.quiet = replySkip
	}
}

// commandFlags are the facts about a command that the verdict needs.
func commandFlags(cmd *engine.Command) (f slots.Flags) {
	if cmd.Flags&engine.Write != 0 {
		f |= slots.Write
	}
	if cmd.Flags&engine.PubSub != 0 {
		f |= slots.ShardChannels
	}
	if cmd.Flags&engine.Asking != 0 {
		f |= slots.Asking
	}
	return f
}
