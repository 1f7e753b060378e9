package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// checkTree verifies order, counts, fill and the leaves' list.
func checkTree(t require.TestingT, tree *ztree) {
	if tree.root == nil {
		require.Equal(t, ztree{}, *tree)
		return
	}
	var leaves []*znode
	var bytes int64
	var walk func(n *znode) (size, height int)
	walk = func(n *znode) (int, int) {
		require.True(t, len(n.items) > 0 && len(n.items) <= znodeItems)
		if n.leaf() {
			bytes += zleafBytes
			leaves = append(leaves, n)
			return len(n.items), 1
		}
		bytes += zinnerBytes
		require.True(t, len(n.kids) == len(n.items) && len(n.sizes) == len(n.items))
		require.True(t, len(n.kids) >= znodeMin || n == tree.root && len(n.kids) >= 2)
		sum, height := 0, 0
		for i, kid := range n.kids {
			size, h := walk(kid)
			require.True(t, size == n.sizes[i] && (i == 0 || h == height))
			require.False(t, kid.items[0].before(n.items[i]))
			if i > 0 {
				left := n.kids[i-1].items
				require.True(t, left[len(left)-1].before(n.items[i]))
			}
			sum, height = sum+size, h
		}
		return sum, height + 1
	}
	size, _ := walk(tree.root)
	require.Equal(t, tree.len, size)
	require.Equal(t, tree.bytes, bytes)
	var last *zitem
	for i, leaf := range leaves {
		require.True(t, i == 0 && leaf.prev == nil || i > 0 && leaf.prev == leaves[i-1] && leaf.prev.next == leaf)
		for j := range leaf.items {
			if last != nil && !last.before(leaf.items[j]) {
				require.Fail(t, "out of order")
			}
			last = &leaf.items[j]
		}
	}
	require.Nil(t, leaves[len(leaves)-1].next)
}

// TestTreeHoldsWhatASortedListHolds drives the tree and a sorted slice with
// the same random operations, in bursts that make it grow and shrink by levels.
func TestTreeHoldsWhatASortedListHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		var tree ztree
		var model []zitem
		insert := func(it zitem) {
			i, found := slices.BinarySearchFunc(model, it, compareItems)
			if !found {
				tree.insert(it)
				model = slices.Insert(model, i, it)
			}
		}
		remove := func(i int) {
			require.True(t, tree.remove(model[i]))
			model = slices.Delete(model, i, i+1)
		}
		burst := rapid.IntRange(1, 500)
		t.Repeat(map[string]func(*rapid.T){
			"insert": func(t *rapid.T) {
				for range burst.Draw(t, "n") {
					insert(zitem{float64(r.IntN(50)), fmt.Sprint(r.IntN(1000))})
				}
			},
			"append": func(t *rapid.T) {
				for i := range burst.Draw(t, "n") {
					insert(zitem{float64(100 + len(model)), fmt.Sprint(i)})
				}
			},
			"prepend": func(t *rapid.T) {
				for i := range burst.Draw(t, "n") {
					insert(zitem{float64(-len(model)), fmt.Sprint(i)})
				}
			},
			"remove": func(t *rapid.T) {
				for range burst.Draw(t, "n") {
					if len(model) > 0 {
						remove(r.IntN(len(model)))
					}
				}
				require.False(t, tree.remove(zitem{1, "absent"}))
			},
			"pop": func(t *rapid.T) {
				for range burst.Draw(t, "n") {
					if len(model) > 0 {
						remove(0)
					}
				}
			},
			"drop last": func(t *rapid.T) {
				for range burst.Draw(t, "n") {
					if len(model) > 0 {
						remove(len(model) - 1)
					}
				}
			},
			"rebuild": func(*rapid.T) { tree = newZTree(model) },
			"clone": func(*rapid.T) {
				old := tree
				tree = tree.clone()
				for old.len > 0 { // the copy must not notice
					leaf, i := old.seek(old.len / 2)
					old.remove(leaf.items[i])
				}
			},
			"": func(t *rapid.T) {
				checkTree(t, &tree)
				for range min(len(model), 20) {
					i := r.IntN(len(model))
					leaf, j := tree.seek(i)
					require.Equal(t, model[i], leaf.items[j])
					require.Equal(t, i, tree.rank(model[i]))
				}
				score := float64(r.IntN(60)) - 5
				want := 0
				for want < len(model) && model[want].score < score {
					want++
				}
				require.Equal(t, want, tree.countWhile(func(it *zitem) bool { return it.score < score }))
			},
		})
	})
}
