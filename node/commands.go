package node

import "elasticache-local/engine"

// commands is the table of every command a node knows; which of them exist on
// a node follows from its engine version and from what the service hides.
var commands *engine.Table

func init() { // not at the declaration: commands describe the table that they are in
	commands = engine.NewTable(append(engine.DataCommands(),
		connectionCommands(), txCommands(), pubsubCommands(), clusterCommands(), clientCommands(), replicationCommands(),
		infoCommands(), configCommands(), slowlogCommands(), commandCommands(), serverCommands(), debugCommands())...)
}

// serverName is what HELLO says the server is.
func (n *Node) serverName() string {
	if n.cfg.Engine == "valkey" && n.cfg.Version >= engine.V(8, 0, 0) {
		return "valkey"
	}
	return "redis"
}

// redisVersion is the version that clients compare with Redis': Valkey reports
// the Redis version it is compatible with.
func (n *Node) redisVersion() string {
	if n.cfg.Engine == "valkey" {
		return "7.2.4"
	}
	return n.cfg.Version.String()
}

// errSubcommand is the error of a container command called in a wrong way.
func errSubcommand(container string, sub []byte) string {
	return "ERR unknown subcommand or wrong number of arguments for '" + string(sub) + "'. Try " + container + " HELP."
}
