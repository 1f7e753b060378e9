package protocol

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestConnectionsMoveTogetherUnlessThereIsMuchToDo(t *testing.T) {
	t.Parallel()
	loops := NewLoops(2, monotonic)
	t.Cleanup(loops.Close) // after the servers, which start registers later
	var clients []*client
	loopOf := make([]func() *loop, 2)
	for i := range 2 {
		f := start(t, newKitHandler(), Config{Loops: loops}, false)
		clients = append(clients, f.dial())
		synced(clients[i])
		f.h.mu.Lock()
		carried := f.h.opened[0].carrier.(*sock)
		f.h.mu.Unlock()
		loopOf[i] = carried.loop.Load
	}
	// until has both clients send commands until they are carried as expected.
	until := func(request, reply string, done func() bool) {
		for range 1_000 * balanceTurns {
			if done() {
				return
			}
			for _, c := range clients {
				c.send(request)
			}
			for _, c := range clients {
				c.expect(reply)
			}
		}
		t.Fatal("the connections stay where they are")
	}
	together := func() bool { return loopOf[0]() == loops.loops[0] && loopOf[1]() == loops.loops[0] }
	apart := func() bool { return loopOf[0]() == loops.loops[0] && loopOf[1]() == loops.loops[1] }

	assert.True(t, together(), "in the beginning")
	until("TOIL\r\n", "+OK\r\n", apart)
	until("PING\r\n", "+PONG\r\n", together)
	until("TOIL\r\n", "+OK\r\n", apart)
}

func TestALoopIsAddedAndRestsAfterSeveralLooks(t *testing.T) {
	t.Parallel()
	loops := NewLoops(4, monotonic)
	t.Cleanup(loops.Close)
	first, last := loops.loops[0], loops.loops[3]
	look := func(l *loop, strain int64, times int) int {
		for range times {
			l.balance(strain)
		}
		return int(loops.active.Load())
	}
	assert.Equal(t, 2, look(first, 1, 10*calmLooks), "half of them in any case")
	assert.Equal(t, 2, look(first, fullStrain, hotLooks-1))
	assert.Equal(t, 2, look(first, fullStrain-1, 1), "it is over")
	assert.Equal(t, 2, look(first, fullStrain, hotLooks-1))
	assert.Equal(t, 3, look(first, fullStrain, 1))
	assert.Equal(t, 3, look(first, 0, 10*calmLooks), "what the new one has to do is not known yet")
	assert.Equal(t, 4, look(first, fullStrain, hotLooks))
	assert.Equal(t, 4, look(first, fullStrain, 10*hotLooks), "all of them")
	assert.Equal(t, 4, look(last, 1, 10*calmLooks), "the first still has much to do")
	for _, one := range loops.loops {
		one.strain.Store(calmStrain / 4)
	}
	assert.Equal(t, 4, look(first, calmStrain/4, calmLooks-1))
	assert.Equal(t, 3, look(first, calmStrain/4, 1))
	assert.Equal(t, 2, look(first, calmStrain/4, 10*calmLooks))
}

func TestStrainIsThatOfTheCrowdOrOfTheTime(t *testing.T) {
	t.Parallel()
	var g gauge
	turns := func(served int) int64 {
		for range balanceTurns - 1 {
			g.begin(served, monotonic)
			assert.False(t, g.end(monotonic))
		}
		g.begin(served, monotonic)
		g.took = 0 // this test may be stopped in a turn
		assert.True(t, g.end(monotonic))
		return g.strain()
	}
	assert.Less(t, turns(1), int64(fullStrain))
	assert.GreaterOrEqual(t, turns(crowdedTurn), int64(fullStrain))
	assert.Equal(t, int64(0), turns(0), "and begins anew")
	for range balanceTurns {
		g.begin(1, monotonic)
		g.end(monotonic)
		g.read += fullTurn
	}
	g.took = 0
	assert.Equal(t, int64(fullStrain), g.strain())
	for range balanceTurns {
		g.begin(1, monotonic)
		g.end(monotonic)
	}
	g.took = longTurn * balanceTurns / timedTurns
	assert.Equal(t, int64(fullStrain), g.strain())
}
