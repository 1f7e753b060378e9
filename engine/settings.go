package engine

// Settings are the parameters that change what commands do. A Settings value
// in force is never changed; CONFIG SET puts a changed copy in its place.
// Defaults are those of ElastiCache's parameter groups.
type Settings struct {
	HashMaxListpackEntries int
	HashMaxListpackValue   int // bytes
	ListMaxListpackSize    int // >0 entries, -1..-5: 4,8,16,32,64 KiB
	ListCompressDepth      int
	SetMaxIntsetEntries    int
	SetMaxListpackEntries  int // engines from 7.2
	SetMaxListpackValue    int
	ZSetMaxListpackEntries int
	ZSetMaxListpackValue   int

	NotifyEvents NotifyClass // notify-keyspace-events

	MaxMemory        int64 // bytes; 0: no limit
	MaxMemoryPolicy  Policy
	MaxMemorySamples int
	LFULogFactor     int
	LFUDecayTime     int // minutes

	LazyExpireDisabled bool // DEBUG: no lazy expiry (import mode)
	ActiveExpire       bool // DEBUG SET-ACTIVE-EXPIRE
	ProtoMaxBulk       int64
	LazyfreeUserFlush  bool
	LazyfreeUserDel    bool
	ClusterEnabled     bool
	Version            Version
}

// DefaultSettings are the values of default.redis7.
func DefaultSettings() *Settings {
	return &Settings{
		HashMaxListpackEntries: 512,
		HashMaxListpackValue:   64,
		ListMaxListpackSize:    -2,
		SetMaxIntsetEntries:    512,
		SetMaxListpackEntries:  128,
		SetMaxListpackValue:    64,
		ZSetMaxListpackEntries: 128,
		ZSetMaxListpackValue:   64,
		MaxMemoryPolicy:        PolicyVolatileLRU,
		MaxMemorySamples:       3,
		LFULogFactor:           10,
		LFUDecayTime:           1,
		ActiveExpire:           true,
		ProtoMaxBulk:           512 << 20,
		Version:                V(7, 1, 0),
	}
}

// Policy is a maxmemory-policy.
type Policy uint8

// The policies.
const (
	PolicyNoEviction Policy = iota
	PolicyVolatileLRU
	PolicyVolatileLFU
	PolicyVolatileRandom
	PolicyVolatileTTL
	PolicyAllKeysLRU
	PolicyAllKeysLFU
	PolicyAllKeysRandom
)

var policyNames = [...]string{"noeviction", "volatile-lru", "volatile-lfu", "volatile-random",
	"volatile-ttl", "allkeys-lru", "allkeys-lfu", "allkeys-random"}

func (p Policy) String() string { return policyNames[p] }

// ParsePolicy reads a policy's name.
func ParsePolicy(s string) (Policy, bool) {
	for i, n := range policyNames {
		if n == s {
			return Policy(i), true
		}
	}
	return 0, false
}

// LFU reports whether the policy counts frequency instead of recency.
func (p Policy) LFU() bool { return p == PolicyVolatileLFU || p == PolicyAllKeysLFU }

// LRU reports whether the policy goes by the time of the last access.
func (p Policy) LRU() bool { return p == PolicyVolatileLRU || p == PolicyAllKeysLRU }

// NotifyClass is a set of keyspace event classes, the letters of
// notify-keyspace-events.
type NotifyClass uint32

// The classes.
const (
	NotifyKeyspace NotifyClass = 1 << iota // K
	NotifyKeyevent                         // E
	NotifyGeneric                          // g
	NotifyString                           // $
	NotifyList                             // l
	NotifySet                              // s
	NotifyHash                             // h
	NotifyZSet                             // z
	NotifyExpired                          // x
	NotifyEvicted                          // e
	NotifyStream                           // t
	NotifyKeyMiss                          // m
	NotifyModule                           // d
	NotifyNew                              // n
	NotifyAll      = NotifyGeneric | NotifyString | NotifyList | NotifySet | NotifyHash | NotifyZSet |
		NotifyExpired | NotifyEvicted | NotifyStream | NotifyModule // A
)

const notifyLetters = "KEg$lshzxetmdn"

// ParseNotify reads the value of notify-keyspace-events.
func ParseNotify(s string) (NotifyClass, bool) {
	var c NotifyClass
next:
	for i := range len(s) {
		if s[i] == 'A' {
			c |= NotifyAll
			continue
		}
		for j := range len(notifyLetters) {
			if notifyLetters[j] == s[i] {
				c |= 1 << j
				continue next
			}
		}
		return 0, false
	}
	return c, true
}

// String gives the letters in the order in which CONFIG GET shows them, which
// knows no n beside an A.
func (c NotifyClass) String() string {
	var b []byte
	if c&NotifyAll == NotifyAll {
		b = append(b, 'A')
	} else {
		for _, l := range "g$lshzxetdn" {
			for j := range len(notifyLetters) {
				if rune(notifyLetters[j]) == l && c&(1<<j) != 0 {
					b = append(b, byte(l))
				}
			}
		}
	}
	for _, l := range "KEm" {
		for j := range len(notifyLetters) {
			if rune(notifyLetters[j]) == l && c&(1<<j) != 0 {
				b = append(b, byte(l))
			}
		}
	}
	return string(b)
}
