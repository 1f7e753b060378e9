package protocol

import (
	"bytes"
	"strconv"
	"strings"
)

// The error texts that more than one place sends, word for word as Redis 7.0.15 sends them.
// They carry their code and are meant for Writer.Error.
const (
	// Arguments.
	ErrSyntax            = "ERR syntax error"
	ErrNotInteger        = "ERR value is not an integer or out of range"
	ErrNotFloat          = "ERR value is not a valid float"
	ErrOutOfRange        = "ERR value is out of range"
	ErrNotPositive       = "ERR value is out of range, must be positive"
	ErrIndexOutOfRange   = "ERR index out of range"
	ErrOffsetOutOfRange  = "ERR offset is out of range"
	ErrBitOffset         = "ERR bit offset is not an integer or out of range"
	ErrBitValue          = "ERR bit is not an integer or out of range"
	ErrBitArgument       = "ERR The bit argument must be 1 or 0."
	ErrInvalidCursor     = "ERR invalid cursor"
	ErrMinMaxNotFloat    = "ERR min or max is not a float"
	ErrMinMaxNotLex      = "ERR min or max not valid string range item"
	ErrTimeoutNegative   = "ERR timeout is negative"
	ErrTimeoutNotFloat   = "ERR timeout is not a float or out of range"
	ErrTimeoutNotInteger = "ERR timeout is not an integer or out of range"
	ErrNumKeysZero       = "ERR numkeys should be greater than 0"
	ErrNumKeysTooMany    = "ERR Number of keys can't be greater than number of args"
	ErrNumKeysNegative   = "ERR Number of keys can't be negative"
	ErrCountNotPositive  = "ERR COUNT must be > 0"
	ErrCountNegative     = "ERR COUNT can't be negative"
	ErrCountZero         = "ERR count should be greater than 0"
	ErrMaxLenNegative    = "ERR MAXLEN can't be negative"
	ErrRankZero          = "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list"
	ErrDBIndex           = "ERR DB index is out of range"
	ErrFirstDBIndex      = "ERR invalid first DB index"
	ErrSecondDBIndex     = "ERR invalid second DB index"
	ErrExpireNX          = "ERR NX and XX, GT or LT options at the same time are not compatible"
	ErrExpireGTLT        = "ERR GT and LT options at the same time are not compatible"
	ErrObjectFreq        = "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."
	ErrObjectIdleTime    = "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."
	ErrProtoNotInteger   = "ERR Protocol version is not an integer or out of range"

	// Keys and values.
	ErrWrongType         = "WRONGTYPE Operation against a key holding the wrong kind of value"
	ErrNotHyperLogLog    = "WRONGTYPE Key is not a valid HyperLogLog string value."
	ErrNoSuchKey         = "ERR no such key"
	ErrSameObject        = "ERR source and destination objects are the same"
	ErrBusyKey           = "BUSYKEY Target key name already exists."
	ErrBusyGroup         = "BUSYGROUP Consumer Group name already exists"
	ErrStringTooLong     = "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
	ErrOverflow          = "ERR increment or decrement would overflow"
	ErrDecrOverflow      = "ERR decrement would overflow"
	ErrNaNOrInfinity     = "ERR increment would produce NaN or Infinity"
	ErrIncrNotFinite     = "ERR value is NaN or Infinity"
	ErrLCSBoth           = "ERR If you want both the length and indexes, please just use IDX."
	ErrLCSType           = "ERR The specified keys must contain string values"
	ErrLCSTooLong        = "ERR String too long for LCS"
	ErrLCSMemory         = "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len"
	ErrBitOpNot          = "ERR BITOP NOT must be called with a single source key."
	ErrBitfieldType      = "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is."
	ErrBitfieldOverflow  = "ERR Invalid OVERFLOW type specified"
	ErrBitfieldReadOnly  = "ERR BITFIELD_RO only supports the GET subcommand"
	ErrScoreNaN          = "ERR resulting score is not a number (NaN)"
	ErrHashNotInteger    = "ERR hash value is not an integer"
	ErrHashNotFloat      = "ERR hash value is not a float"
	ErrStreamKeyGone     = "UNBLOCKED the stream key no longer exists"
	ErrStreamGroupGone   = "NOGROUP the consumer group this client was blocked on no longer exists"
	ErrUnblockedByClient = "UNBLOCKED client unblocked via CLIENT UNBLOCK"
	ErrUnblockedByChange = "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)"

	// The state of the connection.
	ErrNoAuth          = "NOAUTH Authentication required."
	ErrNoAuthHello     = "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time"
	ErrWrongPass       = "WRONGPASS invalid username-password pair or user is disabled."
	ErrNoPassword      = "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?"
	ErrNoProto         = "NOPROTO unsupported protocol version"
	ErrNoPermKey       = "NOPERM this user has no permissions to access one of the keys used as arguments"
	ErrNoPermChannel   = "NOPERM this user has no permissions to access one of the channels used as arguments"
	ErrClientName      = "ERR Client names cannot contain spaces, newlines or special characters."
	ErrMaxClients      = "ERR max number of clients reached"
	ErrNestedMulti     = "ERR MULTI calls can not be nested"
	ErrExecNoMulti     = "ERR EXEC without MULTI"
	ErrDiscardNoMulti  = "ERR DISCARD without MULTI"
	ErrWatchInMulti    = "ERR WATCH inside MULTI is not allowed"
	ErrNotInMulti      = "ERR Command not allowed inside a transaction"
	ErrExecAbort       = "EXECABORT Transaction discarded because of previous errors."
	ErrNotFromScript   = "ERR This Redis command is not allowed from script"
	ErrReadOnlyScript  = "ERR Write commands are not allowed from read-only scripts."
	ErrNoScript        = "NOSCRIPT No matching script. Please use EVAL."
	ErrNotBusy         = "NOTBUSY No scripts in execution right now."
	ErrBusyScript      = "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
	ErrBusyFunction    = "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE."
	ErrUnkillable      = "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command."
	ErrScriptOOM       = "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'"
	ErrScriptReadOnly  = "READONLY Can not run script with write flag on readonly replica"
	ErrScriptNoCluster = "ERR Can not run script on cluster, 'no-cluster' flag is set."

	// The state of the node.
	ErrLoading    = "LOADING Redis is loading the dataset in memory"
	ErrReadOnly   = "READONLY You can't write against a read only replica."
	ErrMasterDown = "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
	ErrOOM        = "OOM command not allowed when used memory > 'maxmemory'."
	ErrNoReplicas = "NOREPLICAS Not enough good replicas to write."
	ErrMisconf    = "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error."

	// Cluster.
	ErrCrossSlot         = "CROSSSLOT Keys in request don't hash to the same slot"
	ErrTryAgain          = "TRYAGAIN Multiple keys request during rehashing of slot"
	ErrClusterDown       = "CLUSTERDOWN The cluster is down"
	ErrClusterDownWrites = "CLUSTERDOWN The cluster is down and only accepts read commands"
	ErrSlotNotServed     = "CLUSTERDOWN Hash slot not served"
	ErrNoCluster         = "ERR This instance has cluster support disabled"
	ErrInvalidSlot       = "ERR Invalid or out of range slot"
	ErrSelectInCluster   = "ERR SELECT is not allowed in cluster mode"
	ErrSwapDBInCluster   = "ERR SWAPDB is not allowed in cluster mode"
	ErrMoveInCluster     = "ERR MOVE is not allowed in cluster mode"
	ErrCopyDBInCluster   = "ERR Copying to another database is not allowed in cluster mode"
	ErrReplicaOfCluster  = "ERR REPLICAOF not allowed in cluster mode."
	ErrFailoverInCluster = "ERR FAILOVER not allowed in cluster mode. Use CLUSTER FAILOVER command instead."

	// The wire itself. After one of these the connection is closed.
	ErrMultibulkLength      = "ERR Protocol error: invalid multibulk length"
	ErrBulkLength           = "ERR Protocol error: invalid bulk length"
	ErrMultibulkHeader      = "ERR Protocol error: too big mbulk count string"
	ErrBulkHeader           = "ERR Protocol error: too big bulk count string"
	ErrInlineTooBig         = "ERR Protocol error: too big inline request"
	ErrUnbalancedQuotes     = "ERR Protocol error: unbalanced quotes in request"
	ErrUnauthenticatedCount = "ERR Protocol error: unauthenticated multibulk length"
	ErrUnauthenticatedBulk  = "ERR Protocol error: unauthenticated bulk length"
)

// maxEchoed is how many bytes of a client's own words an error repeats.
const maxEchoed = 128

// ErrArity says that a command ("get") or subcommand ("config|get") has the wrong number of arguments.
func ErrArity(name string) string {
	return "ERR wrong number of arguments for '" + name + "' command"
}

// ErrUnknownCommand names a command that does not exist, as the client wrote it, and the
// beginning of its arguments. args[0] is the command itself.
func ErrUnknownCommand(args [][]byte) string {
	var echo []byte
	for _, arg := range args[1:] {
		if len(echo) >= maxEchoed {
			break
		}
		room := maxEchoed - len(echo)
		echo = append(echo, '\'')
		echo = append(echo, cString(arg, room)...)
		echo = append(echo, "' "...)
	}
	return "ERR unknown command '" + string(cString(args[0], maxEchoed)) + "', with args beginning with: " + string(echo)
}

// ErrUnknownSubcommand names a subcommand that does not exist. container is the command's name ("config").
func ErrUnknownSubcommand(container string, sub []byte) string {
	return "ERR unknown subcommand '" + string(cString(sub, maxEchoed)) + "'. Try " + strings.ToUpper(container) + " HELP."
}

// ErrSubcommandSyntax is what a command answers that checks its subcommands' arguments itself.
func ErrSubcommandSyntax(container string, sub []byte) string {
	return "ERR unknown subcommand or wrong number of arguments for '" + string(cString(sub, maxEchoed)) + "'. Try " +
		strings.ToUpper(container) + " HELP."
}

// ErrExpireTime says that a command ("setex") was given a time to live that is out of range.
func ErrExpireTime(name string) string { return "ERR invalid expire time in '" + name + "' command" }

// ErrExpireOption says that EXPIRE was given an option that it does not have.
func ErrExpireOption(option []byte) string {
	return "ERR Unsupported option " + string(cString(option, len(option)))
}

// ErrNoPermCommand says that the user may not run a command ("config|get").
func ErrNoPermCommand(name string) string {
	return "NOPERM this user has no permissions to run the '" + name + "' command"
}

// ErrSubscriber says that a RESP2 connection in subscriber mode may not run a command ("get").
func ErrSubscriber(name string) string {
	return "ERR Can't execute '" + name + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
}

// ErrMoved sends the client to the owner of a slot. addr is "host:port", or ":port" for "the host you asked".
func ErrMoved(slot int, addr string) string { return redirect("MOVED ", slot, addr) }

// ErrAsk sends the client's next request to the node that a slot is being moved to.
func ErrAsk(slot int, addr string) string { return redirect("ASK ", slot, addr) }

func redirect(code string, slot int, addr string) string {
	b := make([]byte, 0, len(code)+len(addr)+8)
	b = append(b, code...)
	b = strconv.AppendInt(b, int64(slot), 10)
	b = append(b, ' ')
	b = append(b, addr...)
	return string(b)
}

// errExpectedBulk says that the header of an argument did not begin with '$'.
func errExpectedBulk(got byte) string {
	return "ERR Protocol error: expected '$', got '" + string([]byte{got}) + "'"
}

// cString cuts b at its first NUL and at max bytes, as C's %.*s prints it.
func cString(b []byte, max int) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return b[:min(len(b), max)]
}
