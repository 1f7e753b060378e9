package peer

import (
	"context"
	"strconv"
	"time"
)

// readyTime is how long elasticache-local may take to be ready.
const readyTime = 20 * time.Second

// startOurs fills in peer, whether it succeeds or not.
func (p *Program) startOurs(ctx context.Context, shape Shape, peer *Peer) error {
	port, err := freePorts(2 + shape.nodes())
	if err != nil {
		return err
	}
	mode := "disabled"
	if shape.Cluster {
		mode = "enabled"
	}
	args := []string{
		"--shards", strconv.Itoa(shape.Shards), "--replicas", strconv.Itoa(shape.Replicas), "--cluster-mode", mode,
		"--port", strconv.Itoa(port), "--reader-port", strconv.Itoa(port + 1), "--node-port", strconv.Itoa(port + 2),
		"--api", "off", "--dns", "off",
	}
	one, err := startProcess(p.Path, append(args, p.Args...)...)
	if err != nil {
		return err
	}
	peer.processes = append(peer.processes, one)
	peer.Addr = loopback(port + 2) // a node itself rather than the endpoint in front of it
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	return one.awaitLine(ctx, "ready")
}
