package node

import (
	"sync"

	"elasticache-local/engine"
	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// The three kinds of subscription.
const (
	byChannel = iota
	byPattern
	byShard
	subKinds
)

// subscriptions are a session's own, in the order in which it made them;
// guarded by the node's pubsub lock. How many there are is in Session.shared.
type subscriptions [subKinds][]string

func (s *Session) subCount(kind int) int { return int(s.shared.subs[kind].Load()) }

// subTotal is the number of subscriptions of all kinds.
func (s *Session) subTotal() int { return s.subPlain() + s.subCount(byShard) }

// subPlain is the count that SUBSCRIBE and PSUBSCRIBE report.
func (s *Session) subPlain() int { return s.subCount(byChannel) + s.subCount(byPattern) }

// pubsub is who is subscribed to what on this node. Its lock may be taken with
// a slot's lock held; under it nothing but Conn.Push is called.
type pubsub struct {
	mu       sync.RWMutex
	channels [subKinds]map[string][]*Session // patterns too; sessions in the order of subscribing
	patterns []string                        // in the order in which they first came
}

func (p *pubsub) init() {
	for i := range p.channels {
		p.channels[i] = map[string][]*Session{}
	}
}

// add subscribes s and reports whether that is new.
func (p *pubsub) add(s *Session, kind int, name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	subs := p.channels[kind][name]
	for _, have := range subs {
		if have == s {
			return false
		}
	}
	if kind == byPattern && len(subs) == 0 {
		p.patterns = append(p.patterns, name)
	}
	p.channels[kind][name] = append(subs[:len(subs):len(subs)], s)
	s.subs[kind] = append(s.subs[kind], name)
	s.shared.subs[kind].Store(int32(len(s.subs[kind])))
	return true
}

// remove ends a subscription and reports whether there was one.
func (p *pubsub) remove(s *Session, kind int, name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	subs := p.channels[kind][name]
	for i, have := range subs {
		if have != s {
			continue
		}
		p.channels[kind][name] = append(subs[:i:i], subs[i+1:]...)
		if len(subs) == 1 {
			delete(p.channels[kind], name)
			if kind == byPattern {
				p.patterns = without(p.patterns, name)
			}
		}
		s.subs[kind] = without(s.subs[kind], name)
		s.shared.subs[kind].Store(int32(len(s.subs[kind])))
		return true
	}
	return false
}

// counts are the numbers of channels, patterns and shard channels.
func (p *pubsub) counts() (channels, patterns, shard int) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return len(p.channels[byChannel]), len(p.channels[byPattern]), len(p.channels[byShard])
}

// namesOf are the names s is subscribed to, in the order of subscribing.
func (p *pubsub) namesOf(s *Session, kind int) []string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return append([]string(nil), s.subs[kind]...)
}

func without(list []string, name string) []string {
	for i, have := range list {
		if have == name {
			return append(list[:i:i], list[i+1:]...)
		}
	}
	return list
}

// publish sends a message to the node's own subscribers and counts them.
func (p *pubsub) publish(kind int, channel, message []byte) int {
	p.mu.RLock()
	defer p.mu.RUnlock()
	sent := 0
	word := "message"
	if kind == byShard {
		word = "smessage"
	}
	var bodies pushBodies
	for _, s := range p.channels[kind][string(channel)] {
		s.conn.Push(bodies.of(s, word, nil, channel, message))
		sent++
	}
	if kind != byChannel {
		return sent
	}
	for _, pattern := range p.patterns {
		if !engine.MatchGlob([]byte(pattern), channel) {
			continue
		}
		var bodies pushBodies
		for _, s := range p.channels[byPattern][pattern] {
			s.conn.Push(bodies.of(s, "pmessage", []byte(pattern), channel, message))
			sent++
		}
	}
	return sent
}

// pushBodies are a message in both protocol versions, each made once.
type pushBodies [4][]byte

func (b *pushBodies) of(s *Session, word string, pattern, channel, message []byte) []byte {
	proto := int(s.shared.resp.Load())
	if b[proto] == nil {
		var w protocol.Writer
		w.SetProto(proto)
		n := 3
		if pattern != nil {
			n = 4
		}
		w.Push(n)
		w.BulkString(word)
		if pattern != nil {
			w.Bulk(pattern)
		}
		w.Bulk(channel)
		w.Bulk(message)
		b[proto] = w.Bytes()
	}
	return b[proto]
}

// Publish sends a message that came from another node to this node's clients.
func (n *Node) Publish(channel, message []byte) int {
	return n.pubsub.publish(byChannel, channel, message)
}

// PublishShard does so for a shard channel.
func (n *Node) PublishShard(channel, message []byte) int {
	return n.pubsub.publish(byShard, channel, message)
}

// notifyEvent publishes a keyspace event; such events stay on their node.
func (p *pubsub) notifyEvent(n *Node, db int, on engine.NotifyClass, event string, key []byte) {
	p.mu.RLock()
	idle := len(p.channels[byChannel]) == 0 && len(p.patterns) == 0
	p.mu.RUnlock()
	if idle {
		return
	}
	prefix := "@" + itoa(db) + "__:"
	if on&engine.NotifyKeyspace != 0 {
		n.Publish(append([]byte("__keyspace"+prefix), key...), []byte(event))
	}
	if on&engine.NotifyKeyevent != 0 {
		n.Publish([]byte("__keyevent"+prefix+event), key)
	}
}

func (s *Session) unsubscribeAll() {
	for kind := range subKinds {
		for _, name := range s.node.pubsub.namesOf(s, kind) {
			s.node.pubsub.remove(s, kind, name)
		}
	}
	s.subscribed()
}

// subscribed tells the connection what kind of client it carries.
func (s *Session) subscribed() {
	on := s.subTotal() > 0
	s.conn.SetIdleExempt(on)
	if on {
		s.conn.SetClass(protocol.ClassPubSub)
	} else {
		s.conn.SetClass(protocol.ClassNormal)
	}
}

// DropShardSubscribers ends the shard subscriptions of slots that went to
// another shard, as Redis does when it loses a slot.
func (n *Node) DropShardSubscribers(lost slots.Set) {
	type subscription struct {
		s    *Session
		name string
	}
	var hit []subscription
	n.pubsub.mu.RLock()
	for name, subs := range n.pubsub.channels[byShard] {
		if lost.Has(slots.OfString(name)) {
			for _, s := range subs {
				hit = append(hit, subscription{s, name})
			}
		}
	}
	n.pubsub.mu.RUnlock()
	for _, h := range hit {
		if !n.pubsub.remove(h.s, byShard, h.name) {
			continue
		}
		var w protocol.Writer
		w.SetProto(int(h.s.shared.resp.Load()))
		w.Push(3)
		w.BulkString("sunsubscribe")
		w.BulkString(h.name)
		w.Int(int64(h.s.shared.subs[byShard].Load()))
		h.s.conn.Push(w.Bytes())
	}
}

func pubsubCommands() []*engine.Command {
	const group = "pubsub"
	const flags = engine.Session | engine.PubSub | engine.NoScript | engine.Loading | engine.Stale
	cmds := []*engine.Command{
		{Name: "subscribe", Arity: -2, Flags: flags, Group: group, Since: engine.V(2, 0, 0),
			Complexity: "O(N) where N is the number of channels to subscribe to.", Summary: "Listens for messages published to channels.",
			Run: session(func(s *Session) { s.subscribe(byChannel) })},
		{Name: "unsubscribe", Arity: -1, Flags: flags, Group: group, Since: engine.V(2, 0, 0),
			Complexity: "O(N) where N is the number of clients already subscribed to a channel.", Summary: "Stops listening to channels.",
			Run: session(func(s *Session) { s.unsubscribe(byChannel) })},
		{Name: "psubscribe", Arity: -2, Flags: flags, Group: group, Since: engine.V(2, 0, 0),
			Complexity: "O(N) where N is the number of patterns the client is already subscribed to.", Summary: "Listens for messages on channels that match patterns.",
			Run: session(func(s *Session) { s.subscribe(byPattern) })},
		{Name: "punsubscribe", Arity: -1, Flags: flags, Group: group, Since: engine.V(2, 0, 0),
			Complexity: "O(N+M) where N is the number of patterns the client is already subscribed and M is the number of total patterns subscribed in the system (by any client).", Summary: "Stops listening to patterns.",
			Run: session(func(s *Session) { s.unsubscribe(byPattern) })},
		{Name: "ssubscribe", Arity: -2, Flags: flags, Group: group, Since: engine.V(7, 0, 0), Keys: []engine.KeySpec{engine.KeyRange(1, -1, 1, engine.NotKey)},
			Complexity: "O(N) where N is the number of shard channels to subscribe to.", Summary: "Listens for messages published to shard channels.",
			Run: session(func(s *Session) { s.subscribe(byShard) })},
		{Name: "sunsubscribe", Arity: -1, Flags: flags, Group: group, Since: engine.V(7, 0, 0), Keys: []engine.KeySpec{engine.KeyRange(1, -1, 1, engine.NotKey)},
			Complexity: "O(N) where N is the number of clients already subscribed to a shard channel.", Summary: "Stops listening to shard channels.",
			Run: session(func(s *Session) { s.unsubscribe(byShard) })},
		{Name: "publish", Arity: 3, Flags: engine.Session | engine.PubSub | engine.Loading | engine.Stale | engine.Fast | engine.MayReplicate, Group: group, Since: engine.V(2, 0, 0),
			Complexity: "O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).", Summary: "Sends a message to a channel.",
			Run: session((*Session).publish)},
		{Name: "spublish", Arity: 3, Flags: engine.Session | engine.PubSub | engine.Loading | engine.Stale | engine.Fast | engine.MayReplicate, Group: group, Since: engine.V(7, 0, 0), Keys: []engine.KeySpec{engine.Key(1, engine.NotKey)},
			Complexity: "O(N) where N is the number of clients subscribed to the receiving shard channel.", Summary: "Sends a message to a shard channel.",
			Run: session((*Session).spublish)},
		{Name: "pubsub", Arity: -2, Flags: engine.Session, Group: group, Since: engine.V(2, 8, 0),
			Complexity: "Depends on subcommand.", Summary: "Looks into channels and their subscribers.", Subs: pubsubSubs()},
	}
	return cmds
}

// allowedWhileSubscribed are the commands of a RESP2 client that has
// subscriptions.
func allowedWhileSubscribed(cmd *engine.Command) bool {
	switch cmd.Name {
	case "ping", "subscribe", "ssubscribe", "sunsubscribe", "psubscribe", "unsubscribe", "punsubscribe", "quit", "reset":
		return true
	}
	return false
}

var (
	subscribeWords   = [subKinds]string{"subscribe", "psubscribe", "ssubscribe"}
	unsubscribeWords = [subKinds]string{"unsubscribe", "punsubscribe", "sunsubscribe"}
)

func (s *Session) subscribe(kind int) {
	for _, arg := range s.ctx.Args[1:] {
		name := string(arg)
		s.node.pubsub.add(s, kind, name)
		s.confirm(subscribeWords[kind], &name, kind)
	}
	s.subscribed()
}

func (s *Session) unsubscribe(kind int) {
	names := make([]string, 0, len(s.ctx.Args))
	for _, arg := range s.ctx.Args[1:] {
		names = append(names, string(arg))
	}
	if len(names) == 0 {
		names = s.node.pubsub.namesOf(s, kind)
	}
	for _, name := range names {
		s.node.pubsub.remove(s, kind, name)
		s.confirm(unsubscribeWords[kind], &name, kind)
	}
	if len(names) == 0 {
		s.confirm(unsubscribeWords[kind], nil, kind)
	}
	s.subscribed()
}

// confirm writes the reply for one name. Messages that came before the change
// go out before it.
func (s *Session) confirm(word string, name *string, kind int) {
	s.conn.FlushPushes()
	w := s.ctx.W
	w.Push(3)
	w.BulkString(word)
	if name == nil {
		w.Null()
	} else {
		w.BulkString(*name)
	}
	if kind == byShard {
		w.Int(int64(s.subCount(byShard)))
	} else {
		w.Int(int64(s.subPlain()))
	}
}

func (s *Session) publish() {
	n := s.node
	count := n.Publish(s.ctx.Args[1], s.ctx.Args[2])
	n.cfg.Cluster.Publish(n, s.ctx.Args[1], s.ctx.Args[2])
	s.ctx.W.Int(int64(count))
}

func (s *Session) spublish() {
	n := s.node
	count := n.PublishShard(s.ctx.Args[1], s.ctx.Args[2])
	n.cfg.Cluster.PublishShard(n, s.ctx.Args[1], s.ctx.Args[2])
	s.ctx.W.Int(int64(count))
}
