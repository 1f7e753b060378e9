package cluster

// A replica can be cut off from its primary: it falls behind, and goes on where
// it stopped when the partition is healed.

// partitioned: a replica hears nothing of its primary any more.
type partitioned struct{ name string }

func (e partitioned) apply(c *controller) error {
	n := c.node(e.name)
	switch {
	case n == nil:
		return refuse(ErrUnknownNode, "there is no node %q", e.name)
	case c.isPrimary(n):
		return refuse(ErrInvalid, "%s is a primary: only a replica can be cut off from its primary", e.name)
	case !n.phase.running():
		return refuse(ErrInvalid, "%s does not run", e.name)
	case n.cut:
		return nil
	}
	n.cut = true
	c.do(haltNodes{names: []string{n.name}})
	return nil
}

// healed: a replica reaches its primary again.
type healed struct{ name string }

func (e healed) apply(c *controller) error {
	n := c.node(e.name)
	switch {
	case n == nil:
		return refuse(ErrUnknownNode, "there is no node %q", e.name)
	case n.cut:
		n.cut = false
		c.follow(n)
	}
	return nil
}
