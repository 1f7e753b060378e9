package corpus

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/engine"
	"elasticache-local/internal/solo"
)

// TestFollowersReachTheSameState plays each script and then its effects on
// another engine: both must hold the same.
func TestFollowersReachTheSameState(t *testing.T) {
	t.Parallel()
	scripts, err := Scripts()
	require.NoError(t, err)
	target := &keepingTarget{Target: Engine(2)}
	for _, s := range scripts {
		if !target.Runs(s) {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			replay(t, target, s, func(_ *Step, c Client) { c.Settle(t) })
			primary := target.session.engine
			follower := solo.New(2)
			follower.Ctx.Applying = true
			follower.Ctx.Now = primary.Ctx.Now
			follower.Ctx.KS.SetSettings(primary.Ctx.KS.Settings())
			apply(t, follower, effectsWithSelect(t, primary))
			require.Equal(t, state(primary, s), state(follower, s))
		})
	}
}

// keepingTarget remembers its session.
type keepingTarget struct {
	Target
	session *engineSession
}

func (k *keepingTarget) Begin(t testing.TB, s *Script) Session {
	k.session = k.Target.Begin(t, s).(*engineSession)
	return k.session
}

func apply(t *testing.T, e *solo.Engine, effects [][]string) {
	for _, cmd := range effects {
		if strings.EqualFold(cmd[0], "SELECT") {
			db, err := strconv.Atoi(cmd[1])
			require.NoError(t, err)
			e.Ctx.DB = db
			continue
		}
		reply := e.DoBytes(byteArgs(cmd))
		require.NotEmpty(t, reply, "%q", cmd)
		require.NotEqual(t, byte('-'), reply[0], "%q: %s", cmd, reply)
	}
}

// state describes every key that the script names, in every database.
func state(e *solo.Engine, s *Script) string {
	names := map[string]bool{}
	for i := range s.Steps {
		for _, a := range s.Steps[i].Args {
			names[string(a)] = true
		}
	}
	var lines []string
	for name := range names {
		for db := range e.Ctx.KS.Databases() {
			e.Ctx.DB = db
			if k := e.Ctx.Peek([]byte(name)); k.Exists() {
				lines = append(lines, fmt.Sprintf("%d %q %s expires %d\n%s", db, name, encoding(k), k.ExpireAt(), contents(e, k.Kind(), name)))
			}
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

func encoding(k engine.Entry) string {
	if o := k.Object(); o != nil && k.Kind() != engine.KindString {
		return o.Encoding()
	}
	return k.Kind().String()
}

func contents(e *solo.Engine, kind engine.Kind, key string) string {
	read := map[engine.Kind][]string{
		engine.KindString: {"GET", key},
		engine.KindList:   {"LRANGE", key, "0", "-1"},
		engine.KindSet:    {"SMEMBERS", key},
		engine.KindHash:   {"HGETALL", key},
		engine.KindZSet:   {"ZRANGE", key, "0", "-1", "WITHSCORES"},
	}[kind]
	v, err := parseReply(e.Do(read...))
	if err != nil {
		return err.Error()
	}
	if kind == engine.KindSet || kind == engine.KindHash {
		v = v.sorted()
	}
	return v.String()
}
