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
	// The SETs that show what keys redis-benchmark uses. Its threads, one for each
	// node, take requests from the same number: while the machine is busy few of
	// them may be gone before the last thread begins. Then there are more.
	minTrial = 2_000
	maxTrial = 200_000

	keysPerMSET = 500
)

// writeStrings writes every key from which redis-benchmark's SET and GET draw,
// so that each GET finds one and each SET overwrites one. Its own SET would meet
// keys at random and leave many out.
func (b *redisBench) writeStrings(ctx context.Context) error {
	if b.prefixes == nil {
		var err error
		if b.prefixes, err = b.findPrefixes(ctx); err != nil {
			return err
		}
	}
	for i, addr := range b.primaries {
		if err := b.writeStringsTo(ctx, addr, b.prefixes[i]); err != nil {
			return fmt.Errorf("keys of %s at %s: %w", rbDriver, addr, err)
		}
	}
	return nil
}

// findPrefixes finds out what redis-benchmark's keys at each primary begin with.
func (b redisBench) findPrefixes(ctx context.Context) ([]string, error) {
	trial := b
	trial.depth = 1
	for trial.requests = minTrial; trial.requests <= maxTrial; trial.requests *= 10 {
		if err := trial.run(ctx, "SET"); err != nil {
			return nil, err
		}
		found, err := b.prefixesThere(ctx)
		if err != nil || found != nil {
			return found, err
		}
	}
	return nil, fmt.Errorf("%d SETs of %s have not reached every primary", maxTrial, rbDriver)
}

// prefixesThere is nil while a primary has no key of redis-benchmark's.
func (b redisBench) prefixesThere(ctx context.Context) ([]string, error) {
	var found []string
	for _, addr := range b.primaries {
		prefix, err := b.prefixAt(ctx, addr)
		if err != nil || prefix == "" {
			return nil, err
		}
		found = append(found, prefix)
	}
	return found, nil
}

// writeStringsTo writes the keys of one primary, all of one slot.
func (b redisBench) writeStringsTo(ctx context.Context, addr, prefix string) error {
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

// prefixAt returns what redis-benchmark's keys at a primary begin with, "" if it
// has none.
func (b redisBench) prefixAt(ctx context.Context, addr string) (string, error) {
	c := generator.Client(addr, b.login)
	defer c.Close()
	keys := c.Scan(ctx, 0, "key:*", 1000).Iterator()
	for keys.Next(ctx) {
		if m := rbKey.FindStringSubmatch(keys.Val()); m != nil {
			return m[1], nil
		}
	}
	return "", keys.Err()
}
