export interface RedisNode {
  readonly host: string
  readonly port: number
}

/**
 * One Redis that gateways share. `clusterNodes` makes it a Cluster, `sentinelNodes` a master found
 * through Sentinel; otherwise it is the server at `unixSocket` or at `host` and `port`.
 */
export interface RedisSettings {
  readonly host: string
  readonly port: number
  readonly unixSocket?: string
  /** ACL user; the default user when absent. */
  readonly username?: string
  readonly password?: string
  /** File with the password, read anew for each connection; a Cluster's once. */
  readonly passwordFile?: string
  /** 0 in a Cluster. */
  readonly database: number
  readonly ssl: boolean
  /** Whether the server's certificate is verified. */
  readonly sslVerify: boolean
  /** Name for SNI that the certificate must carry, where it is not the host's. */
  readonly serverName?: string
  /** PEM file of the authorities to trust instead of the built-in ones. */
  readonly caFile?: string
  /** Bound on one claim, waiting included. */
  readonly timeoutMs: number
  /** Bound on establishing one connection, TLS included. */
  readonly connectTimeoutMs: number
  readonly sentinelMaster?: string
  readonly sentinelNodes?: readonly RedisNode[]
  readonly sentinelUsername?: string
  readonly sentinelPassword?: string
  /** File with the password at the Sentinels, read anew for each connection. */
  readonly sentinelPasswordFile?: string
  readonly clusterNodes?: readonly RedisNode[]
  readonly clusterMaxRedirections?: number
}
