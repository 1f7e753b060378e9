package generator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"elasticache-local/slots"
)

// Every error is returned, so go-redis need not write to the terminal as well.
func init() { logging.Disable() }

// A Route tells which address serves which slot.
type Route struct {
	Addrs []string // of the primaries; one if the server is not a cluster
	owner [slots.Count]uint16
}

// Login is what a connection says first. The zero value says nothing.
type Login struct {
	User, Password string
}

// Client returns a client for single commands, not for load.
func Client(addr string, login Login) *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr: addr, Username: login.User, Password: login.Password,
		Protocol: 2, DisableIdentity: true, MaxRetries: -1, DialerRetries: 1, PoolSize: 2,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}

// Discover asks the server at addr where the slots are. A server that is not
// in cluster mode serves them all.
func Discover(ctx context.Context, addr string, login Login) (*Route, error) {
	c := Client(addr, login)
	defer c.Close()
	ask := redis.NewClusterSlotsCmd(ctx, "CLUSTER", "SLOTS") // CLUSTER SHARDS is not known before 7.0
	_ = c.Process(ctx, ask)                                  // the error is in ask, too
	shards, err := ask.Result()
	if serverError := redis.Error(nil); errors.As(err, &serverError) && strings.Contains(err.Error(), "cluster support disabled") {
		return &Route{Addrs: []string{addr}}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("CLUSTER SLOTS at %s: %w", addr, err)
	}
	return newRoute(addr, shards)
}

func newRoute(seed string, shards []redis.ClusterSlot) (*Route, error) {
	r := &Route{}
	number := make(map[string]uint16)
	covered := 0
	for _, s := range shards {
		if len(s.Nodes) == 0 || s.Start < 0 || s.End >= slots.Count {
			return nil, fmt.Errorf("CLUSTER SLOTS at %s: strange entry %v", seed, s)
		}
		addr := absolute(seed, s.Nodes[0].Addr)
		n, known := number[addr]
		if !known {
			n = uint16(len(r.Addrs))
			number[addr] = n
			r.Addrs = append(r.Addrs, addr)
		}
		for slot := s.Start; slot <= s.End; slot++ {
			r.owner[slot] = n
			covered++
		}
	}
	if covered != slots.Count {
		return nil, fmt.Errorf("the cluster at %s serves %d of %d slots", seed, covered, slots.Count)
	}
	return r, nil
}

// absolute completes an address without a host, which means the host that was
// asked.
func absolute(seed, addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || host != "" && host != "?" {
		return addr
	}
	seedHost, _, err := net.SplitHostPort(seed)
	if err != nil {
		return addr
	}
	return net.JoinHostPort(seedHost, port)
}
