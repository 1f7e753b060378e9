package peer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"elasticache-local/bench/internal/generator"
	"elasticache-local/slots"
)

const (
	formTime = 60 * time.Second // for a real cluster to become whole
	pollStep = 20 * time.Millisecond
)

// realNode is one redis-server of a peer.
type realNode struct {
	client  *redis.Client
	port    int
	busPort int
}

// startReal fills in peer, whether it succeeds or not.
func (p *Program) startReal(ctx context.Context, shape Shape, peer *Peer) error {
	ctx, cancel := context.WithTimeout(ctx, formTime)
	defer cancel()
	port, err := freePorts(2 * shape.nodes())
	if err != nil {
		return err
	}
	if peer.dir, err = os.MkdirTemp("", "bench-redis"); err != nil {
		return err
	}
	peer.Addr = loopback(port)
	var nodes []realNode
	defer func() {
		for _, n := range nodes {
			n.client.Close()
		}
	}()
	for i := range shape.nodes() {
		n := realNode{port: port + i, busPort: port + shape.nodes() + i}
		n.client = generator.Client(loopback(n.port), generator.Login{})
		nodes = append(nodes, n)
		if err := p.startNode(shape, peer, n); err != nil {
			return err
		}
	}
	for i, n := range nodes {
		own := func() error { return n.answersAs(ctx, peer.processes[i].cmd.Process.Pid) }
		if err := peer.await(ctx, "an answer to INFO", own); err != nil {
			return err
		}
	}
	if shape.Cluster {
		return peer.form(ctx, shape, nodes)
	}
	return peer.follow(ctx, nodes)
}

// answersAs checks that the process answers, and not another server that was quicker to take the port.
func (n realNode) answersAs(ctx context.Context, pid int) error {
	info, err := n.client.Info(ctx, "server").Result()
	if err == nil && !strings.Contains(info, fmt.Sprintf("\nprocess_id:%d\r\n", pid)) {
		err = fmt.Errorf("another server listens on port %d", n.port)
	}
	return err
}

func (p *Program) startNode(shape Shape, peer *Peer, n realNode) error {
	dir := filepath.Join(peer.dir, strconv.Itoa(n.port))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	args := []string{
		"--port", strconv.Itoa(n.port), "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "no",
		"--daemonize", "no", "--maxclients", "12000", "--repl-diskless-sync-delay", "0", "--loglevel", "warning",
	}
	if shape.Cluster {
		args = append(args, "--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(n.busPort))
	}
	one, err := startProcess(p.Path, append(args, p.Args...)...)
	if err != nil {
		return err
	}
	peer.processes = append(peer.processes, one)
	return nil
}

// await repeats check until it succeeds.
func (p *Peer) await(ctx context.Context, what string, check func() error) error {
	ticker := time.NewTicker(pollStep)
	defer ticker.Stop()
	for {
		err := check()
		if err == nil {
			return nil
		}
		if ended := p.Running(); ended != nil {
			return ended
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w (%w)", what, ctx.Err(), err)
		}
	}
}

// form makes a cluster of the nodes, the primaries first, as elasticache-local
// numbers them.
func (p *Peer) form(ctx context.Context, shape Shape, nodes []realNode) error {
	for i, set := range slots.Even(shape.Shards) {
		c := nodes[i].client
		for _, r := range set.Ranges() {
			if err := c.Do(ctx, "CLUSTER", "ADDSLOTSRANGE", r.First, r.Last).Err(); err != nil {
				return fmt.Errorf("CLUSTER ADDSLOTSRANGE (needs version 7 or later): %w", err)
			}
		}
		if err := c.Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", i+1).Err(); err != nil {
			return fmt.Errorf("CLUSTER SET-CONFIG-EPOCH: %w", err)
		}
	}
	for _, n := range nodes[1:] {
		if err := nodes[0].client.Do(ctx, "CLUSTER", "MEET", "127.0.0.1", n.port, n.busPort).Err(); err != nil {
			return fmt.Errorf("CLUSTER MEET: %w", err)
		}
	}
	for _, n := range nodes {
		all := fmt.Sprintf("cluster_known_nodes:%d\r\n", len(nodes))
		if err := p.await(ctx, "all nodes to know each other", n.infoHas(ctx, all)); err != nil {
			return err
		}
	}
	if err := p.attach(ctx, shape.Shards, nodes); err != nil {
		return err
	}
	for i, n := range nodes {
		if err := p.await(ctx, "cluster_state:ok", n.infoHas(ctx, "cluster_state:ok")); err != nil {
			return err
		}
		if i >= shape.Shards {
			if err := p.await(ctx, "the replica's link", n.linkIsUp(ctx)); err != nil {
				return err
			}
		}
	}
	return nil
}

// attach makes the nodes after the first shards ones replicas, in turn.
func (p *Peer) attach(ctx context.Context, shards int, nodes []realNode) error {
	for i, n := range nodes[shards:] {
		id, err := nodes[i%shards].client.Do(ctx, "CLUSTER", "MYID").Text()
		if err != nil {
			return fmt.Errorf("CLUSTER MYID: %w", err)
		}
		replicate := func() error { return n.client.Do(ctx, "CLUSTER", "REPLICATE", id).Err() }
		if err := p.await(ctx, "CLUSTER REPLICATE", replicate); err != nil {
			return err
		}
	}
	return nil
}

// follow makes the nodes after the first its replicas.
func (p *Peer) follow(ctx context.Context, nodes []realNode) error {
	for _, n := range nodes[1:] {
		if err := n.client.Do(ctx, "REPLICAOF", "127.0.0.1", nodes[0].port).Err(); err != nil {
			return fmt.Errorf("REPLICAOF: %w", err)
		}
		if err := p.await(ctx, "the replica's link", n.linkIsUp(ctx)); err != nil {
			return err
		}
	}
	return nil
}

func (n realNode) infoHas(ctx context.Context, line string) func() error {
	return func() error {
		info, err := n.client.ClusterInfo(ctx).Result()
		return has(info, line, err)
	}
}

func (n realNode) linkIsUp(ctx context.Context) func() error {
	return func() error {
		info, err := n.client.Info(ctx, "replication").Result()
		return has(info, "master_link_status:up", err)
	}
}

func has(text, line string, err error) error {
	if err == nil && !strings.Contains(text, line) {
		err = errors.New("not yet")
	}
	return err
}
