package cluster

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestADoorOpensAgain(t *testing.T) {
	t.Parallel()
	d, err := listenDoor("127.0.0.1:0")
	require.NoError(t, err)
	defer d.remove()
	for range 3 {
		ln := d.listener()
		accepted := acceptOne(ln)
		nc, err := net.Dial("tcp", d.addr)
		require.NoError(t, err)
		require.NoError(t, <-accepted)
		nc.Close()

		accepted = acceptOne(ln)
		require.NoError(t, ln.Close())
		require.Error(t, <-accepted)
		_, err = net.Dial("tcp", d.addr)
		require.Error(t, err, "a shut door refuses")
		require.NoError(t, d.open())
	}
}

func TestADoorLeftAjarLetsConnectionsWait(t *testing.T) {
	t.Parallel()
	d, err := listenDoor("127.0.0.1:0")
	require.NoError(t, err)
	defer d.remove()
	for range 3 {
		d.ajar.Store(true)
		ln := d.listener()
		accepted := acceptOne(ln)
		require.NoError(t, ln.Close())
		require.Error(t, <-accepted)
		nc, err := net.Dial("tcp", d.addr)
		require.NoError(t, err)
		require.NoError(t, d.open())
		require.NoError(t, <-acceptOne(d.listener()))
		nc.Close()
	}
}

func acceptOne(ln net.Listener) <-chan error {
	accepted := make(chan error, 1)
	go func() {
		nc, err := ln.Accept()
		if err == nil {
			nc.Close()
		}
		accepted <- err
	}()
	return accepted
}
