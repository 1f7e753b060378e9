package cluster

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"elasticache-local/slots"
	"elasticache-local/topology"
)

// Shards come and go, and slots move from one to another, while clients read
// and write. The events told here are ours: the service's words are not known.

// Resharding says which shards to add and to remove; one of the two at most.
// With neither, the slots are only dealt evenly.
type Resharding struct {
	Add    []NewShard
	Remove []string // node group ids
}

// NewShard is a shard to add. It gets as many replicas as the smallest has.
type NewShard struct {
	ID    string   // node group id; "": the next one
	Zones []string // of each node, the primary's first; nil: spread
}

// resharded: shards are to come or go, and slots to be dealt evenly.
type resharded struct{ plan Resharding }

func (e resharded) apply(c *controller) error {
	if !c.settings.clusterMode {
		return refuse(ErrInvalid, "with cluster mode disabled there is one shard")
	}
	if c.modifying() {
		return ErrNotAvailable
	}
	add, err := c.checkNewShards(e.plan)
	if err != nil {
		return err
	}
	if err := c.checkRemovals(e.plan.Remove); err != nil {
		return err
	}
	if len(e.plan.Add)+len(e.plan.Remove) == 0 && len(c.movesToEven(nil)) == 0 {
		return ErrEven
	}
	for _, shard := range add {
		c.addShard(shard)
	}
	r := &reshard{remove: e.plan.Remove, moves: c.movesToEven(e.plan.Remove)}
	r.total = len(r.moves)
	c.tellGroup("Online resharding started: %d slots are to move", r.total)
	c.change = r
	return nil
}

// checkNewShards gives the shards to add with their ids and zones.
func (c *controller) checkNewShards(plan Resharding) ([]NewShard, error) {
	if len(plan.Add) > 0 && len(plan.Remove) > 0 {
		return nil, refuse(ErrInvalid, "shards cannot be added and removed at once")
	}
	size := c.smallestShard()
	if len(c.topo.Shards)+len(plan.Add) > maxShards || len(c.nodes)+len(plan.Add)*size > maxNodes {
		return nil, refuse(ErrQuota, "the service allows %d shards and %d nodes", maxShards, maxNodes)
	}
	taken := map[string]bool{}
	for i := range c.topo.Shards {
		taken[c.topo.Shards[i].NodeGroupID] = true
	}
	for _, shard := range plan.Add {
		if id := nodeGroupID(shardNumber(shard.ID)); shard.ID != "" && (shardNumber(shard.ID) < 1 || shardNumber(shard.ID) > 9999 || taken[id]) {
			return nil, refuse(ErrInvalid, "a new node group cannot be called %q: write another number of four digits", shard.ID)
		} else if shard.ID != "" {
			taken[id] = true
		}
		if len(shard.Zones) > 0 && len(shard.Zones) != size {
			return nil, refuse(ErrInvalid, "%d zones are named for the %d nodes of a new shard", len(shard.Zones), size)
		}
		for _, z := range shard.Zones {
			if err := c.checkZone(z); err != nil {
				return nil, err
			}
		}
	}
	add := slices.Clone(plan.Add)
	for i := range add {
		next := 1
		for ; add[i].ID == "" && taken[nodeGroupID(next)]; next++ {
		}
		if add[i].ID == "" {
			add[i].ID = nodeGroupID(next)
			taken[add[i].ID] = true
		} else {
			add[i].ID = nodeGroupID(shardNumber(add[i].ID))
		}
	}
	return add, nil
}

func nodeGroupID(n int) string { return fmt.Sprintf("%04d", n) }

// smallestShard is the number of nodes of the shard that has the fewest.
func (c *controller) smallestShard() int {
	smallest := len(c.nodes)
	for i := range c.topo.Shards {
		smallest = min(smallest, len(c.topo.Members(i)))
	}
	return smallest
}

func (c *controller) checkRemovals(groups []string) error {
	for i, g := range groups {
		if c.topo.ShardByGroup(g) < 0 {
			return refuse(ErrUnknownShard, "there is no node group %q", g)
		}
		if slices.Contains(groups[:i], g) {
			return refuse(ErrInvalid, "node group %s is named twice", g)
		}
	}
	if len(groups) == len(c.topo.Shards) {
		return refuse(ErrInvalid, "at least one shard has to stay")
	}
	return nil
}

// addShard makes the nodes of a further shard, which has no slots yet.
func (c *controller) addShard(shard NewShard) {
	size := c.smallestShard()
	number := shardNumber(shard.ID)
	var entries []topology.Node
	for member := 1; member <= size; member++ {
		zone := ""
		if len(shard.Zones) > 0 {
			zone = shard.Zones[member-1]
		} else {
			zone = c.zoneFor(shard.ID, number-1)
		}
		n := c.newNode(shard.ID, zone, number, member)
		c.addNode(n)
		entries = append(entries, c.entry(n))
		c.do(startNode{n.spec()})
	}
	c.topo = c.topo.WithShard(topology.Shard{ID: hexID(c.settings.Seed, "shard", shard.ID+"/"+itoa(int(c.topo.Version))), NodeGroupID: shard.ID}, entries)
}

// move is a slot on its way from one shard to another.
type move struct {
	slot     slots.Slot
	from, to string // node group ids
}

// movesToEven are the fewest moves after which every shard but those removed,
// which keep nothing, has as many slots as any other, one more or less. Of a
// shard that has too many the first ones go.
func (c *controller) movesToEven(removed []string) []move {
	type share struct {
		group string
		have  []slots.Slot
		quota int
	}
	var stay []*share
	var moves []move
	var spare []move // without a destination yet
	give := func(group string, list []slots.Slot) {
		for _, s := range list {
			spare = append(spare, move{slot: s, from: group})
		}
	}
	for i := range c.topo.Shards {
		group := c.topo.Shards[i].NodeGroupID
		have := slices.Collect(c.topo.Table.Slots(uint16(i)).All())
		if slices.Contains(removed, group) {
			give(group, have)
		} else {
			stay = append(stay, &share{group: group, have: have})
		}
	}
	byHave := slices.Clone(stay)
	slices.SortStableFunc(byHave, func(a, b *share) int { return cmp.Compare(len(b.have), len(a.have)) })
	for i, s := range byHave { // who has most keeps what does not divide
		s.quota = slots.Count / len(byHave)
		if i < slots.Count%len(byHave) {
			s.quota++
		}
	}
	for _, s := range stay {
		if over := len(s.have) - s.quota; over > 0 {
			give(s.group, s.have[:over])
		}
	}
	slices.SortFunc(spare, func(a, b move) int { return cmp.Compare(a.slot, b.slot) })
	for _, s := range stay {
		for range s.quota - len(s.have) {
			m := spare[0]
			m.to, spare = s.group, spare[1:]
			moves = append(moves, m)
		}
	}
	return moves
}

// reshard is the change under way.
type reshard struct {
	moves  []move // that are left
	total  int
	remove []string
	moving bool
	moved  time.Time // when the last slot had moved
}

// removalGrace is how long shards stay after their last slot has left, so that
// clients who come to them learn from them where the slots are.
const removalGrace = time.Second

func (r *reshard) advance(c *controller) (done bool) {
	switch {
	case r.moving:
		return false
	case len(r.moves) > 0:
		if c.allOnline() {
			r.moving = true
			c.do(moveSlots{slices.Clone(r.moves)})
		}
		return false
	case len(r.remove) > 0:
		if r.moved.IsZero() {
			r.moved = c.now
			c.after(removalGrace, tick{})
		}
		if c.now.Sub(r.moved) < removalGrace {
			return false
		}
		for _, group := range r.remove {
			c.removeShard(group)
		}
		r.remove = nil
	}
	if !c.allOnline() {
		return false
	}
	c.tellGroup("Online resharding finished: the slots are uniformly distributed")
	return true
}

// done takes slots out of those that are left; mostly they are the first.
func (r *reshard) done(set slots.Set) {
	for len(r.moves) > 0 && set.Has(r.moves[0].slot) {
		set.Remove(r.moves[0].slot)
		r.moves = r.moves[1:]
	}
	if !set.Empty() {
		r.moves = slices.DeleteFunc(r.moves, func(m move) bool { return set.Has(m.slot) })
	}
}

// progress is how much has moved, in percent.
func (r *reshard) progress() float64 {
	if r.total == 0 {
		return 100
	}
	return 100 * float64(r.total-len(r.moves)) / float64(r.total)
}

// removeShard takes a shard that has no slots any more out of the cluster.
func (c *controller) removeShard(group string) {
	nodes := c.inGroup(group)
	c.topo = c.topo.WithoutShard(c.topo.ShardByGroup(group))
	c.show()
	for _, n := range nodes {
		c.remove(n)
	}
	c.tellGroup("Node group %s removed", group)
}

// moveSlots begins to move slots, one after the other; migrating and
// slotsMoved tell how it goes, movesEnded that it is over.
type moveSlots struct{ moves []move }

// canMove says whether slots can leave one shard's primary for another's now:
// they have to be those that the mover has in hand, and alive.
func (c *controller) canMove(from, to string, set slots.Set, source, target string) error {
	a, b := c.topo.ShardByGroup(from), c.topo.ShardByGroup(to)
	if a < 0 || b < 0 {
		return refuse(ErrUnknownShard, "there is no node group %s or %s", from, to)
	}
	for slot := range set.All() {
		if int(c.topo.Table.Owner(slot)) != a {
			return refuse(ErrInvalid, "slot %d is not node group %s's", slot, from)
		}
	}
	for _, side := range []struct{ group, name string }{{from, source}, {to, target}} {
		if p := c.primary(side.group); p.name != side.name || p.phase != online {
			return refuse(ErrInvalid, "%s is not the primary of node group %s any more", side.name, side.group)
		}
	}
	return nil
}

// migrating: the keys of a slot begin to move one by one. The slot is locked on
// both sides.
type migrating struct {
	move
	source, target string // the primaries' names
}

func (e migrating) apply(c *controller) error {
	if err := c.canMove(e.from, e.to, only(e.slot), e.source, e.target); err != nil {
		return err
	}
	if _, already := c.topo.Migration(e.slot); !already {
		c.topo = c.topo.WithMigration(e.slot, c.topo.ShardByGroup(e.to))
		c.show(e.source, e.target)
	}
	return nil
}

// slotsMoved: all keys of some slots are on the other side, and they are locked:
// this is the moment to flip.
type slotsMoved struct {
	from, to       string // node group ids
	set            slots.Set
	source, target string // the primaries' names
}

func (e slotsMoved) apply(c *controller) error {
	if err := c.canMove(e.from, e.to, e.set, e.source, e.target); err != nil {
		return err
	}
	c.topo = c.topo.WithSlots(e.set, uint16(c.topo.ShardByGroup(e.to)))
	c.show(e.source, e.target)
	if r, ok := c.change.(*reshard); ok {
		r.done(e.set)
	}
	return nil
}

// movesEnded: the mover has come to its end, or to where it could not go on.
type movesEnded struct{ err error }

func (e movesEnded) apply(c *controller) error {
	r, ok := c.change.(*reshard)
	if !ok {
		return nil
	}
	if e.err != nil {
		c.settings.Logger.Warn("slots cannot move for now", "error", e.err)
		c.after(retryHandOver, moveAgain{})
		return nil
	}
	r.moving = false
	return nil
}

// moveAgain: it is time for another try.
type moveAgain struct{}

func (moveAgain) apply(c *controller) error {
	if r, ok := c.change.(*reshard); ok {
		r.moving = false
	}
	return nil
}
