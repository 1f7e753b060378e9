// Package corpus holds the transcripts that say how commands answer, and runs
// them: against the engine on its own, against a real redis-server, and
// against whatever else is a [Target].
//
// A script is a text file under scripts/<family>/:
//
//	# a comment
//	> SET {t}a 1                 a command, quoted as in redis-cli; "x"*100 is "x" a hundred times
//	+OK                          its reply: + - : as on the wire, "bulk", $-1, *-1, *2 with its elements indented
//	> HGETALL {t}h
//	*2
//	  "f"
//	  "v"
//	3| %1                        the reply over RESP3, where it is another
//	3|   "f"
//	3|   "v"
//	2> BLPOP {t}l 0              by client 2; a command without a reply is one that waits
//	> RPUSH {t}l x
//	:1
//	2<                           now client 2 gets its (next) reply
//	*2
//	  "{t}l"
//	  "x"
//
// Directives for the next command: @unordered (elements are compared as a
// multiset, on all levels), @type (only the type of the reply is compared),
// @error-prefix (only the first word of an error), @silent (no reply comes,
// although the client does not wait). Between commands: @wait 20ms (time
// passes), @close 2 (client 2 hangs up). At the head of a script: @standalone
// (needs several databases or several slots per command), @node (needs session
// commands, or a server of its own), @config name value (with a parameter set).
//
// Each script begins with an empty server. The replies are recorded from the
// real redis-server:
//
//	go test ./internal/corpus -rewrite [-run TestRewrite/list]
package corpus
