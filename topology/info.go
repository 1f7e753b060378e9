package topology

import (
	"strconv"

	"elasticache-local/slots"
)

// A Coverage counts the slots by what has become of their owner, and the
// primaries with slots.
type Coverage struct {
	Assigned  int // slots that belong to a shard
	OK        int // of those, with a primary that is up
	Suspected int // of those, with a primary that does not answer
	Failed    int // of those, with a primary that is down
	Size      int // shards with slots
	Reachable int // of those, with a primary that is up
}

// Coverage returns how much of the cluster is served.
func (t *Topology) Coverage() Coverage {
	var c Coverage
	for i, count := range t.counts {
		if count == 0 {
			continue
		}
		c.Size++
		c.Assigned += count
		switch t.Nodes[t.Shards[i].Primary].State {
		case Suspected:
			c.Suspected += count
		case Failed:
			c.Failed += count
		default:
			c.OK += count
			c.Reachable++
		}
	}
	return c
}

// Quorum tells whether most of the primaries with slots are up. Without it a
// Redis node takes the whole cluster for failed.
func (c Coverage) Quorum() bool { return c.Reachable >= c.Size/2+1 }

// Full tells whether every slot has an owner that is not down.
func (c Coverage) Full() bool { return c.Assigned == slots.Count && c.Failed == 0 }

// Up tells whether the cluster's state is "ok". requireFull is the parameter
// cluster-require-full-coverage, which ElastiCache sets to no.
func (c Coverage) Up(requireFull bool) bool { return c.Quorum() && (c.Full() || !requireFull) }

// AppendInfo appends the answer to CLUSTER INFO; ok is the state of the cluster
// as the answering node sees it. Nodes do not talk over a bus here, so there
// are no messages to count.
func (t *Topology) AppendInfo(b []byte, v View, ok bool) []byte {
	c := t.Coverage()
	state := "fail"
	if ok {
		state = "ok"
	}
	b = append(b, "cluster_state:"...)
	b = append(b, state...)
	b = append(b, "\r\n"...)
	b = appendCount(b, "cluster_slots_assigned", c.Assigned)
	b = appendCount(b, "cluster_slots_ok", c.OK)
	b = appendCount(b, "cluster_slots_pfail", c.Suspected)
	b = appendCount(b, "cluster_slots_fail", c.Failed)
	b = appendCount(b, "cluster_known_nodes", len(t.Nodes))
	b = appendCount(b, "cluster_size", c.Size)
	b = appendCount(b, "cluster_current_epoch", t.Epoch)
	var mine uint64
	if v.Self >= 0 {
		mine = t.Shards[t.Nodes[v.Self].Shard].ConfigEpoch
	}
	b = appendCount(b, "cluster_my_epoch", mine)
	b = appendCount(b, "cluster_stats_messages_sent", 0)
	b = appendCount(b, "cluster_stats_messages_received", 0)
	return appendCount(b, "total_cluster_links_buffer_limit_exceeded", 0)
}

func appendCount[N int | uint64](b []byte, name string, n N) []byte {
	b = append(b, name...)
	b = append(b, ':')
	b = strconv.AppendUint(b, uint64(n), 10)
	return append(b, "\r\n"...)
}
