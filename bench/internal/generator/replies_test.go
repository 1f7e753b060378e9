package generator

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const everyReply = "+OK\r\n" + ":12\r\n" + "$5\r\nhello\r\n" + "$0\r\n\r\n" + "$-1\r\n" + "*-1\r\n" + "*0\r\n" +
	"*2\r\n$1\r\na\r\n*2\r\n:1\r\n*1\r\n+x\r\n" + "-ERR no\r\n" + "*1\r\n-MOVED 1 a:1\r\n" + "$4\r\n\r\n\r\n\r\n"

const everyReplyCount = 11

func TestRepliesAreCountedHoweverTheyAreCut(t *testing.T) {
	t.Parallel()
	for size := 1; size <= len(everyReply); size++ {
		r := replies{text: make([]byte, 0, maxErrorText)}
		done := 0
		for rest := everyReply; rest != ""; {
			n := min(size, len(rest))
			done += r.feed([]byte(rest[:n]))
			rest = rest[n:]
		}
		require.Equal(t, everyReplyCount, done, "pieces of %d bytes", size)
		require.False(t, r.broken)
		require.Equal(t, 2, r.errors)
		require.Equal(t, 2, r.empty)
		require.Equal(t, "-ERR no", string(r.text), "pieces of %d bytes", size)
	}
}

func TestRepliesAreCompleteAtTheirLastByteOnly(t *testing.T) {
	t.Parallel()
	for _, reply := range []string{"+OK\r\n", "$3\r\nabc\r\n", "*2\r\n:1\r\n*1\r\n$1\r\na\r\n", "*0\r\n", "$-1\r\n", "-E\r\n"} {
		var r replies
		for i := range len(reply) {
			want := 0
			if i == len(reply)-1 {
				want = 1
			}
			require.Equal(t, want, r.feed([]byte{reply[i]}), "%q, byte %d", reply, i)
		}
	}
}

func TestRepliesKeepABoundedErrorText(t *testing.T) {
	t.Parallel()
	r := replies{text: make([]byte, 0, maxErrorText)}
	require.Equal(t, 1, r.feed([]byte("-"+strings.Repeat("e", 10*maxErrorText)+"\r\n")))
	require.Len(t, r.text, maxErrorText)
}

func TestRepliesNoticeWhatIsNotRESP(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"HTTP/1.1 400\r\n", "$x\r\n", "*1x\r\n", "$99999999999999999999999\r\n", "\r\n"} {
		var r replies
		r.feed([]byte(text))
		require.True(t, r.broken, "%q", text)
	}
}

// A stream cut anywhere gives the same counts as in one piece.
func FuzzReplies(f *testing.F) {
	f.Add([]byte(everyReply), uint8(3))
	f.Add([]byte("*1000000\r\n$-5\r\n"), uint8(1))
	f.Fuzz(func(t *testing.T, stream []byte, size uint8) {
		var whole, cut replies
		want, got := whole.feed(stream), 0
		for rest := stream; len(rest) > 0; {
			n := min(int(size)+1, len(rest))
			got += cut.feed(rest[:n])
			rest = rest[n:]
		}
		if whole.broken && cut.broken {
			return // what is not RESP ends a run: the count no longer matters
		}
		if got != want || whole.errors != cut.errors || whole.empty != cut.empty || whole.broken != cut.broken {
			t.Fatalf("%q: %d replies in one piece, %d in pieces of %d", stream, want, got, int(size)+1)
		}
	})
}
