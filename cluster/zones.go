package cluster

import (
	"cmp"
	"slices"
)

// A shard's nodes are spread over the zones. A zone can fail as a whole; what
// was in it comes back when it is restored.

// zoneFailed: every node of a zone dies.
type zoneFailed struct{ zone string }

func (e zoneFailed) apply(c *controller) error {
	if err := c.checkZone(e.zone); err != nil {
		return err
	}
	c.downZones[e.zone] = true
	for _, n := range c.nodes {
		if n.zone == e.zone {
			c.crash(n)
		}
	}
	return nil
}

// zoneRestored: a zone can hold nodes again.
type zoneRestored struct{ zone string }

func (e zoneRestored) apply(c *controller) error {
	if err := c.checkZone(e.zone); err != nil {
		return err
	}
	if !c.downZones[e.zone] {
		return nil
	}
	delete(c.downZones, e.zone)
	for _, n := range c.nodes {
		if n.zone == e.zone && (n.phase == failed || n.phase == away) {
			c.replaceAfter(n, 0)
		}
	}
	return nil
}

func (c *controller) checkZone(zone string) error {
	if !slices.Contains(c.settings.zones, zone) {
		return refuse(ErrUnknownZone, "there is no zone %q: there are %v", zone, c.settings.zones)
	}
	return nil
}

// zoneFor chooses the zone of a group's next node among those that are up. The
// first nodes, primaries mostly, go to the zones in turn; further ones to the zone
// with the fewest nodes of the group, then of all groups.
func (c *controller) zoneFor(group string, turn int) string {
	zones := slices.DeleteFunc(slices.Clone(c.settings.zones), func(z string) bool { return c.downZones[z] })
	if len(zones) == 0 {
		zones = c.settings.zones
	}
	ofGroup, ofAll := map[string]int{}, map[string]int{}
	for _, n := range c.nodes {
		ofAll[n.zone]++
		if n.group == group {
			ofGroup[n.zone]++
		}
	}
	if len(ofGroup) == 0 {
		return zones[turn%len(zones)]
	}
	return slices.MinFunc(zones, func(a, b string) int {
		return cmp.Or(ofGroup[a]-ofGroup[b], ofAll[a]-ofAll[b], slices.Index(zones, a)-slices.Index(zones, b))
	})
}
