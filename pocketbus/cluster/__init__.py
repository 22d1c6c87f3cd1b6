"""More than one machine: nodes that write and follow logs in NATS JetStream. docs/CLUSTER.md tells how it is used."""
