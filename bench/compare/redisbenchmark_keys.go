package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"elasticache-local/bench/internal/generator"
)

// rbKey is what a key of redis-benchmark's SET and GET looks like: "key:", a
// hash tag with --cluster, and a number of twelve digits.
var rbKey = regexp.MustCompile(`^(key:(?:\{...\}:)?)[0-9]{12}$`)

const (
	// trialRequests suffice to show what keys redis-benchmark uses at each node.
	trialRequests = 2_000
	keysPerMSET   = 500
)

// writeStrings writes every key from which redis-benchmark's SET and GET draw,
// so that each GET finds one and each SET overwrites one. Its own SET would meet
// keys at random and leave many out.
func (b redisBench) writeStrings(ctx context.Context) error {
	trial := b
	trial.depth, trial.requests = 1, trialRequests
	if err := trial.run(ctx, "SET"); err != nil {
		return err
	}
	for _, addr := range b.primaries {
		if err := b.writeStringsTo(ctx, addr); err != nil {
			return fmt.Errorf("keys of %s at %s: %w", rbDriver, addr, err)
		}
	}
	return nil
}

// writeStringsTo writes the keys of one primary, all of one slot.
func (b redisBench) writeStringsTo(ctx context.Context, addr string) error {
	prefix, err := b.prefixAt(ctx, addr)
	if err != nil {
		return err
	}
	c := generator.Client(addr, b.login)
	defer c.Close()
	value, n := strings.Repeat("x", rbValueSize), b.keysEach()
	for first := 0; first < n; first += keysPerMSET {
		words := []any{"MSET"}
		for i := first; i < min(first+keysPerMSET, n); i++ {
			words = append(words, fmt.Sprintf("%s%012d", prefix, i), value)
		}
		if err := c.Do(ctx, words...).Err(); err != nil {
			return err
		}
	}
	return nil
}

// prefixAt returns what redis-benchmark's keys at a primary begin with.
func (b redisBench) prefixAt(ctx context.Context, addr string) (string, error) {
	c := generator.Client(addr, b.login)
	defer c.Close()
	keys := c.Scan(ctx, 0, "key:*", 1000).Iterator()
	for keys.Next(ctx) {
		if m := rbKey.FindStringSubmatch(keys.Val()); m != nil {
			return m[1], nil
		}
	}
	if err := keys.Err(); err != nil {
		return "", err
	}
	return "", fmt.Errorf("none was written by %d SETs", trialRequests)
}
