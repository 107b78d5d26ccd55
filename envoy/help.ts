/** What `--help` prints. */
export const HELP = `Usage: oathmesh-envoy --config <name=file> --listen <address> [options]

Verifies single-use machine tokens for Envoy: the service behind its ext_authz filter.

      --config <name=file>      configuration of a policy, YAML or JSON, of the Kong plugin's schema; routes ask for it
                                by context_extensions: { oathmesh: <name> }. Repeat it, or name a folder of
                                <name>.yaml files (required)
      --listen <address>        gRPC, for Envoy: unix:<path>, a socket of its owner's alone, or <host>:<port>
      --listen-http <address>   the same decisions over HTTP, for Envoy's http_service, nginx, Traefik and HAProxy
      --tls-cert, --tls-key     certificate chain and key, PEM
      --tls-client-ca <file>    whoever connects needs a certificate of this authority
      --workers <n>             processes, each with an address of its own: oathmesh.0.sock, oathmesh.1.sock, … or ports
                                that count up; list all of them as endpoints of one cluster (default: 1)
      --trusted-hops <n>        proxies before Envoy that are trusted with X-Forwarded-For, for the audit line
                                (default: 0)
      --max-pending <n>         calls in progress; more are refused with 503 (default: 1000)
      --drain-ms <n>            how long SIGTERM lets Envoy notice, by its health checks, before the address goes; then as
                                long again for what is under way (default: 5000)
      --metrics <address>       serve metrics for Prometheus, and /healthz and /readyz, of all workers at one address
                                (default: none)
      --status <path>           answer oathmesh status --socket <path>, where --listen is a port; beside a socket it is
                                answered anyway
      --version, -h, --help

SIGTERM and SIGINT drain and exit with 0, a second one exits at once. SIGHUP forgets all fetched keys.
Audit lines go to standard output, messages for the operator to standard error. Exit code 1: wrong flags or
configuration, or somebody else listens at the address.
`
