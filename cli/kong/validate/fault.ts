/** One thing for which the plugin, or Kong, would refuse an entity; part of what `--json` prints. */
export interface Fault {
  /** In the file: `services[0].plugins[1].config.redis.port`. */
  readonly path: string
  readonly line: number
  /** The entity in words: `oathmesh on route "orders"`. */
  readonly entity: string
  /** In the configuration: `redis.port`. */
  readonly field: string
  readonly message: string
  /** What the field, or the one most likely meant, is for; empty where the message says it all. */
  readonly hint: string
}
