package clients

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
	"elasticache-local/cluster/clustertest"
)

const token = "correct-horse-battery"

func encrypted(t testing.TB, cfg cluster.Config) (*cluster.Cluster, *tls.Config) {
	t.Helper()
	cfg.TLS, cfg.AuthToken = true, token
	c := clustertest.Run(t, cfg)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(c.CertificateAuthority()))
	return c, &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
}

// hosts are the hosts that CLUSTER SHARDS tells a client.
func hosts(t testing.TB, rdb *redis.ClusterClient) (list []string) {
	t.Helper()
	shards, err := rdb.ClusterShards(t.Context()).Result()
	require.NoError(t, err)
	for _, s := range shards {
		for _, n := range s.Nodes {
			list = append(list, n.Endpoint)
		}
	}
	return list
}

func setAndGet(t testing.TB, rdb redis.Cmdable, n int) {
	t.Helper()
	for i := range n {
		key := fmt.Sprintf("key:%d", i)
		require.NoError(t, rdb.Set(t.Context(), key, i, 0).Err())
		require.Equal(t, fmt.Sprint(i), rdb.Get(t.Context(), key).Val())
	}
}

func TestWhoDialsAnAddressOverTLSIsToldAddresses(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{cluster.Ports, cluster.IPs} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c, config := encrypted(t, cluster.Config{Shards: 3, Replicas: 1, Addresses: kind})
			rdb := clusterClient(t, c, func(o *redis.ClusterOptions) { o.TLSConfig, o.Password = config, token })
			setAndGet(t, rdb, 20)
			for _, h := range hosts(t, rdb) {
				require.NotNil(t, net.ParseIP(h), h)
			}
		})
	}
}

func TestWhoDialsANameOverTLSIsToldNames(t *testing.T) {
	t.Parallel()
	c, _ := encrypted(t, cluster.Config{Shards: 3, Replicas: 1})
	name := net.JoinHostPort(c.Names().Configuration(), "6379")
	rdb := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{name}, Dialer: c.Dialer(), Password: token})
	defer rdb.Close()
	setAndGet(t, rdb, 20)
	told := hosts(t, rdb)
	require.Len(t, told, 6)
	for _, h := range told {
		require.True(t, strings.HasSuffix(h, "."+c.Names().Zone()), h)
	}
	require.Contains(t, told, c.Names().Node("local-0003-002"))
}

func TestWhoDialsLocalhostOverTLSIsToldLocalhost(t *testing.T) {
	t.Parallel()
	c, config := encrypted(t, cluster.Config{})
	rdb := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: []string{"localhost:" + port(t, c.ConfigurationEndpoint())}, TLSConfig: config, Password: token,
	})
	defer rdb.Close()
	setAndGet(t, rdb, 20)
	for _, h := range hosts(t, rdb) {
		require.Equal(t, "localhost", h)
	}
}

func TestTheAnnouncedHostIsToldToEverybody(t *testing.T) {
	t.Parallel()
	for _, encrypt := range []bool{false, true} {
		t.Run(fmt.Sprint("tls=", encrypt), func(t *testing.T) {
			t.Parallel()
			var config *tls.Config
			var c *cluster.Cluster
			password := ""
			if cfg := (cluster.Config{AnnounceHost: "cache.test"}); encrypt {
				c, config = encrypted(t, cfg)
				password = token
			} else {
				c = clustertest.Run(t, cfg)
			}
			rdb := clusterClient(t, c, func(o *redis.ClusterOptions) {
				o.Password = password
				o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
					host, port, _ := net.SplitHostPort(addr) // the host stands for 127.0.0.1
					nc, err := (&net.Dialer{}).DialContext(ctx, network, "127.0.0.1:"+port)
					if config == nil || err != nil {
						return nc, err
					}
					config := config.Clone()
					config.ServerName = host
					return tls.Client(nc, config), nil
				}
			})
			setAndGet(t, rdb, 20)
			for _, h := range hosts(t, rdb) {
				require.Equal(t, "cache.test", h)
			}
		})
	}
}

func TestWithoutTheTokenNothingIsTold(t *testing.T) {
	t.Parallel()
	c, config := encrypted(t, cluster.Config{Shards: 1})
	for _, o := range []redis.Options{{}, {Password: "wrong"}, {Username: "default", Password: "wrong"}} {
		o.Addr, o.TLSConfig, o.MaxRetries = c.Addrs()[0], config, -1
		rdb := redis.NewClient(&o)
		err := rdb.Get(t.Context(), "a").Err()
		require.Error(t, err)
		if o.Password == "" {
			require.EqualError(t, err, "NOAUTH Authentication required.")
		} else {
			require.EqualError(t, err, "WRONGPASS invalid username-password pair or user is disabled.")
		}
		rdb.Close()
	}
	rdb := redis.NewClient(&redis.Options{Addr: c.Addrs()[0], TLSConfig: config, Password: token})
	defer rdb.Close()
	require.NoError(t, rdb.Set(t.Context(), "a", 1, 0).Err())

	plain := redis.NewClient(&redis.Options{Addr: c.Addrs()[0], MaxRetries: -1})
	defer plain.Close()
	require.Error(t, plain.Ping(t.Context()).Err(), "a plain client gets nowhere")
}
