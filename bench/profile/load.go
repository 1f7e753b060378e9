package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"elasticache-local/bench/internal/generator"
	"elasticache-local/bench/internal/peer"
)

// A load is a workload at some depths of the pipeline.
type load struct {
	workload string
	depths   []int
}

// A session is a number of loads on one server. Each lasts equally long, so how
// often something stands here is how much it counts.
type session struct {
	shape peer.Shape
	loads []load
}

var (
	everyDepth = []int{1, 16, 64}
	twoDepths  = []int{1, 16}
	deep       = []int{16}
)

// sessions begin with what matters most to most: strings, with replicas and
// without. Whatever else is usual follows.
var sessions = []session{
	{peer.Shape{Shards: 3, Replicas: 1, Cluster: true}, []load{
		{"SET", everyDepth}, {"GET", everyDepth}, {"MIXED", twoDepths}, {"MSET", deep},
		{"INCR", deep}, {"LPUSH", deep}, {"HSET", deep}, {"SADD", deep}, {"ZADD", deep},
	}},
	{peer.Shape{Shards: 1}, []load{
		{"SET", everyDepth}, {"GET", everyDepth}, {"MIXED", everyDepth}, {"MSET", twoDepths},
		{"INCR", twoDepths}, {"HSET", twoDepths}, {"SADD", twoDepths}, {"ZADD", twoDepths},
		{"LPUSH", deep}, {"RPUSH", deep}, {"LPOP", deep}, {"SPOP", deep}, {"ZPOPMIN", deep}, {"LRANGE_100", twoDepths},
	}},
}

func count(sessions []session) (n int) {
	for _, s := range sessions {
		for _, l := range s.loads {
			n += len(l.depths)
		}
	}
	return n
}

// A recorder puts loads on a program that writes down where its time goes.
type recorder struct {
	program  *peer.Program
	keys     int           // that a load uses
	duration time.Duration // of each load
	status   io.Writer     // what goes on, for whoever waits
}

// session starts the program in the session's shape, puts all its loads on it,
// and ends it, on which it writes its profile.
func (r *recorder) session(ctx context.Context, s session, file string) error {
	watched := *r.program
	watched.Args = []string{"--cpu-profile", file}
	server, err := watched.Start(ctx, s.shape)
	if err != nil {
		return err
	}
	defer server.Stop()
	for _, l := range s.loads {
		for _, depth := range l.depths {
			fmt.Fprintf(r.status, "%v: %s, pipeline %d\n", s.shape, l.workload, depth)
			if err := r.put(ctx, server, l.workload, depth); err != nil {
				return fmt.Errorf("%s, pipeline %d: %w", l.workload, depth, err)
			}
		}
	}
	server.Stop()
	if info, err := os.Stat(file); err != nil || info.Size() == 0 {
		return errors.Join(errors.New("the program has not written its profile"), err)
	}
	return nil
}

// put puts one load on an empty server.
func (r *recorder) put(ctx context.Context, server *peer.Peer, workload string, depth int) error {
	cfg := generator.Defaults()
	cfg.Addr, cfg.Login = server.Addr, server.Login
	cfg.Workload, cfg.Pipeline, cfg.Keys, cfg.Duration = workload, depth, r.keys, r.duration
	if err := server.Flush(ctx); err != nil {
		return err
	}
	if err := generator.Prepare(ctx, cfg); err != nil {
		return err
	}
	result, err := generator.Run(ctx, cfg)
	if err == nil && result.Errors > 0 {
		err = fmt.Errorf("%d error replies, the first: %s", result.Errors, result.FirstError)
	}
	return err
}
