//go:build !unix

package generator

import (
	"context"
	"errors"
	"time"
)

var errSystem = errors.New("the load generator polls its sockets itself and does so on Unix systems only")

type socket int

func dial(context.Context, string, Login) (socket, error) { return -1, errSystem }
func (socket) write(b []byte) ([]byte, error)             { return b, errSystem }
func (socket) close()                                     {}

type batch struct{}

func newBatch() *batch           { return nil }
func (*batch) room() int         { return 1 }
func (*batch) add(*conn, []byte) {}
func (*batch) read() jobs        { return nil }
func (*batch) write() jobs       { return nil }
func (*batch) close()            {}

type jobs []struct{}

func (jobs) result(int) ([]byte, error) { return nil, errSystem }
func (jobs) left(int) ([]byte, error)   { return nil, errSystem }

type poller struct{}

func newPoller() (*poller, error)                   { return nil, errSystem }
func (*poller) add(socket, int) error               { return errSystem }
func (*poller) wantWrite(socket, int, bool) error   { return errSystem }
func (*poller) tick(time.Duration) error            { return errSystem }
func (*poller) wait(time.Duration) ([]event, error) { return nil, errSystem }
func (*poller) close()                              {}
