"""PostgreSQL as two nodes, of which one takes over from the other: Patroni, etcd and HAProxy, and what clients see."""
