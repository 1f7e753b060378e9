package cluster

import (
	"errors"
	"fmt"
)

// What a change may be refused with. They are compared with errors.Is; a Refusal
// tells more.
var (
	// ErrNotAvailable: a change is under way already.
	ErrNotAvailable = errors.New("the replication group is being modified: wait until it is available")
	// ErrClosed: the cluster was closed.
	ErrClosed = errors.New("the cluster is closed")
	// ErrEven: the slots are dealt evenly, there is nothing to reshard. The text is the service's.
	ErrEven = errors.New("Slots in the replication group are uniformly distributed. Nothing to do.") //lint:ignore ST1005 the service's own words
	// ErrDowngrade: engine versions only rise.
	ErrDowngrade = errors.New("the engine version cannot be lowered")
	// ErrUnknownVersion: the engine has no such version here.
	ErrUnknownVersion = errors.New("unknown engine version")
	// ErrUnknownNode: there is no node of that name.
	ErrUnknownNode = errors.New("unknown node")
	// ErrUnknownShard: there is no node group with that id.
	ErrUnknownShard = errors.New("unknown node group")
	// ErrUnknownZone: no node can be in that zone.
	ErrUnknownZone = errors.New("unknown availability zone")
	// ErrNoReplica: the shard has no replica that could take over.
	ErrNoReplica = errors.New("no replica can take over")
	// ErrQuota: more than the service allows.
	ErrQuota = errors.New("quota exceeded")
	// ErrInvalid: the request contradicts itself or the cluster.
	ErrInvalid = errors.New("invalid request")
)

// refuse gives an error that is kind and says more.
func refuse(kind error, format string, args ...any) error {
	return &refusal{kind: kind, text: fmt.Sprintf(format, args...)}
}

type refusal struct {
	kind error
	text string
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.kind }

// ConfigError says which setting is wrong, and what to write instead. Setting is
// the name of the flag without its dashes, such as "node-port".
type ConfigError struct {
	Setting string
	Problem string
	Cause   error // what the operating system said, if it was that which refused
}

func (e *ConfigError) Error() string { return e.Setting + ": " + e.Problem }
func (e *ConfigError) Unwrap() error { return e.Cause }

func wrong(setting, format string, args ...any) error {
	return &ConfigError{Setting: setting, Problem: fmt.Sprintf(format, args...)}
}
