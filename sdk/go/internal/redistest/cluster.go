package redistest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// slots of a Cluster.
const slots = 16384

// StartCluster starts masters that share all slots among them, and waits until they agree on it.
func StartCluster(t testing.TB, masters int) []*Server {
	t.Helper()
	ctx := context.Background()
	servers := make([]*Server, masters)
	for at := range servers {
		servers[at] = Start(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port", fmt.Sprint(freePort(t)))
	}
	for at, server := range servers {
		first, end := at*slots/masters, (at+1)*slots/masters-1
		server.Do("cluster", "addslotsrange", first, end)
		server.Do("config", "set", "cluster-require-full-coverage", "no")
		if at > 0 {
			port, bus := portOf(servers[0]), clusterPort(servers[0])
			server.Do("cluster", "meet", "127.0.0.1", port, bus)
		}
	}
	for _, server := range servers {
		client := server.Client()
		defer client.Close()
		until(t, "the nodes of the Cluster do not agree", func() bool {
			info, err := client.ClusterInfo(ctx).Result()
			return err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, fmt.Sprintf("cluster_size:%d", masters))
		})
	}
	return servers
}

// StartSentinel starts a sentinel of the master, under the name `master`.
func StartSentinel(t testing.TB, master *Server) *Server {
	t.Helper()
	port := freePort(t)
	s := &Server{Addr: fmt.Sprintf("127.0.0.1:%d", port), t: t, dir: t.TempDir()}
	config := filepath.Join(s.dir, "sentinel.conf")
	text := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nlogfile %s\nsentinel monitor master 127.0.0.1 %s 1\n"+
		"sentinel down-after-milliseconds master 500\nsentinel failover-timeout master 2000\n",
		port, s.dir, filepath.Join(s.dir, "log"), portOf(master))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.args = []string{master.args[0], config, "--sentinel"}
	s.Restart()
	t.Cleanup(s.Kill)
	return s
}

// StartReplica starts a replica and waits until it has caught up.
func StartReplica(t testing.TB, master *Server) *Server {
	t.Helper()
	replica := Start(t, "--replicaof", "127.0.0.1 "+portOf(master), "--repl-diskless-sync-delay", "0")
	until(t, "the replica does not catch up", func() bool {
		info, _ := replica.Do("info", "replication").(string)
		return strings.Contains(info, "master_link_status:up")
	})
	return replica
}

func until(t testing.TB, fault string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(fault)
		}
	}
}

func portOf(server *Server) string { return server.Addr[strings.LastIndexByte(server.Addr, ':')+1:] }

func clusterPort(server *Server) string {
	for at, arg := range server.args {
		if arg == "--cluster-port" {
			return server.args[at+1]
		}
	}
	return ""
}
