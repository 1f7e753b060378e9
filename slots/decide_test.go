package slots

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// The specification of Decide: for each verdict the complete condition under
// which it is due, stated on its own and not as a place in an order. Exactly
// one must hold for every query.

func down(q Query) bool {
	return q.Flags&FailState != 0 || q.Flags&Uncovered != 0 && q.Flags&RequireFullCoverage != 0
}

// routable: the slot is bound, the keys agree on it.
func routable(q Query) bool {
	return q.Owner != Nobody && q.Flags&KeysCrossSlots == 0
}

// passable: nothing about the cluster as a whole stands in the way.
func passable(q Query) bool {
	channel, write := q.Flags&ShardChannels != 0, q.Flags&Write != 0
	return routable(q) && (!down(q) ||
		channel && q.Flags&AllowShardChannelsWhenDown != 0 ||
		!channel && !write && q.Flags&AllowReadsWhenDown != 0)
}

func onPrimary(q Query) bool { return q.Owner == Mine && q.Flags&Replica == 0 }

// split: the keys that the command needs may be on the other side.
func split(q Query, p ...Presence) bool {
	for _, p := range p {
		if q.Presence == p && q.Flags&ShardChannels == 0 {
			return true
		}
	}
	return false
}

func askedImport(q Query) bool { return q.State == Importing && q.Flags&Asking != 0 }

func replicaRead(q Query) bool {
	return q.Owner == Mine && q.Flags&Replica != 0 &&
		q.Flags&Write == 0 && q.Flags&(ReadOnly|ShardChannels) != 0
}

func servable(q Query) bool {
	switch {
	case askedImport(q):
		return !(split(q, SomePresent, NonePresent) && q.Flags&SeveralKeys != 0)
	case onPrimary(q):
		return !(q.State == Migrating && split(q, SomePresent, NonePresent))
	default:
		return replicaRead(q)
	}
}

var decideSpec = map[Verdict]func(Query) bool{
	ClusterDownUnbound: func(q Query) bool { return q.Owner == Nobody },
	CrossSlot:          func(q Query) bool { return q.Owner != Nobody && q.Flags&KeysCrossSlots != 0 },
	ClusterDownReadOnly: func(q Query) bool {
		return routable(q) && down(q) && q.Flags&(AllowReadsWhenDown|Write|ShardChannels) == AllowReadsWhenDown|Write
	},
	ClusterDown: func(q Query) bool {
		if q.Flags&ShardChannels != 0 {
			return routable(q) && down(q) && q.Flags&AllowShardChannelsWhenDown == 0
		}
		return routable(q) && down(q) && q.Flags&AllowReadsWhenDown == 0
	},
	Ask: func(q Query) bool {
		return passable(q) && onPrimary(q) && q.State == Migrating && split(q, NonePresent)
	},
	TryAgain: func(q Query) bool {
		return passable(q) && (onPrimary(q) && q.State == Migrating && split(q, SomePresent) ||
			askedImport(q) && split(q, SomePresent, NonePresent) && q.Flags&SeveralKeys != 0)
	},
	Moved: func(q Query) bool {
		return passable(q) && !onPrimary(q) && !replicaRead(q) && !askedImport(q)
	},
	Serve: func(q Query) bool { return passable(q) && servable(q) },
}

// everyQuery yields each combination of facts once.
func everyQuery(yield func(Query) bool) {
	const allFlags = KeysCrossSlots<<1 - 1
	for owner := Mine; owner <= Nobody; owner++ {
		for state := Stable; state <= Importing; state++ {
			for presence := AllPresent; presence <= NonePresent; presence++ {
				for flags := range allFlags + 1 {
					if !yield(Query{owner, state, presence, flags}) {
						return
					}
				}
			}
		}
	}
}

func TestDecideMatchesItsSpecificationForEveryQuery(t *testing.T) {
	t.Parallel()
	seen := map[Verdict]int{}
	for q := range everyQuery {
		var due []Verdict
		for v := Serve; v <= TryAgain; v++ {
			if decideSpec[v](q) {
				due = append(due, v)
			}
		}
		if got := Decide(q); len(due) != 1 || got != due[0] {
			t.Fatalf("%+v (flags %012b): got %v, specification says %v", q, q.Flags, got, due)
		}
		seen[due[0]]++
	}
	require.Len(t, seen, len(decideSpec), "a verdict that nothing leads to")
}

// Replies of a redis-server 7.0.15 in these situations.
func TestDecideAnswersLikeRedis(t *testing.T) {
	t.Parallel()
	const several = SeveralKeys
	for _, c := range []struct {
		what string
		q    Query
		want Verdict
	}{
		{"own slot", Query{}, Serve},
		{"other shard's slot", Query{Owner: Other}, Moved},
		{"unassigned slot", Query{Owner: Nobody}, ClusterDownUnbound},
		{"first key's slot unassigned, second key elsewhere", Query{Owner: Nobody, Flags: KeysCrossSlots}, ClusterDownUnbound},
		{"MGET over two slots", Query{Flags: KeysCrossSlots | several}, CrossSlot},
		{"MGET over two slots, cluster down", Query{Flags: KeysCrossSlots | several | FailState}, CrossSlot},
		{"migrating, key here", Query{State: Migrating}, Serve},
		{"migrating, key gone", Query{State: Migrating, Presence: NonePresent}, Ask},
		{"migrating, some keys gone", Query{State: Migrating, Presence: SomePresent, Flags: several}, TryAgain},
		{"migrating, all keys gone", Query{State: Migrating, Presence: NonePresent, Flags: several}, Ask},
		{"migrating, SPUBLISH", Query{State: Migrating, Presence: NonePresent, Flags: ShardChannels}, Serve},
		{"importing without ASKING", Query{Owner: Other, State: Importing}, Moved},
		{"importing with ASKING, key not here yet", Query{Owner: Other, State: Importing, Presence: NonePresent, Flags: Asking}, Serve},
		{"importing with ASKING, one key twice", Query{Owner: Other, State: Importing, Presence: NonePresent, Flags: Asking}, Serve},
		{"importing with ASKING, two keys not here yet", Query{Owner: Other, State: Importing, Presence: NonePresent, Flags: Asking | several}, TryAgain},
		{"ASKING on a slot that is not importing", Query{Owner: Other, Flags: Asking}, Moved},
		{"replica", Query{Flags: Replica}, Moved},
		{"replica, READONLY, read", Query{Flags: Replica | ReadOnly}, Serve},
		{"replica, READONLY, write", Query{Flags: Replica | ReadOnly | Write}, Moved},
		{"replica, READONLY, another shard's slot", Query{Owner: Other, Flags: Replica | ReadOnly}, Moved},
		{"replica, SPUBLISH", Query{Flags: Replica | ShardChannels}, Serve},
		{"down", Query{Flags: FailState}, ClusterDown},
		{"down, reads allowed, read", Query{Flags: FailState | AllowReadsWhenDown}, Serve},
		{"down, reads allowed, write", Query{Flags: FailState | AllowReadsWhenDown | Write}, ClusterDownReadOnly},
		{"down, reads allowed, other shard's slot", Query{Owner: Other, Flags: FailState | AllowReadsWhenDown}, Moved},
		{"down, SPUBLISH", Query{Flags: FailState | ShardChannels | AllowShardChannelsWhenDown}, Serve},
		{"uncovered, coverage not required", Query{Flags: Uncovered}, Serve},
		{"uncovered, coverage required", Query{Flags: Uncovered | RequireFullCoverage}, ClusterDown},
	} {
		require.Equal(t, c.want, Decide(c.q), c.what)
	}
}

func TestVerdictHasAName(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Serve CrossSlot TryAgain Verdict(?)",
		fmt.Sprint(Serve, " ", CrossSlot, " ", TryAgain, " ", TryAgain+1))
}
