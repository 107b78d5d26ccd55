import { statSync } from 'node:fs'

/** In the order in which the stock server lists them. */
const PHASES = ['certificate', 'rewrite', 'log', 'access', 'preread', 'response'] as const

/** An object that Kong's entity configuration was given to; its phases are methods. */
export type PluginObject = Readonly<Record<string, unknown>>

/** One loaded plugin: what Kong gets to know of it, and how instances come about. */
export class PluginModule {
  readonly name: string
  readonly version: unknown
  readonly priority: unknown
  readonly schema: unknown
  /** Kong's fields beside the configuration; the stock server knows none. */
  readonly entityFields: readonly unknown[]
  /** Kong's rules between fields of the configuration; the stock server knows none. */
  readonly configChecks: readonly unknown[]
  readonly phases: readonly string[]
  readonly path: string
  /** Unix seconds. */
  readonly modifiedAt: number
  readonly loadedAt = Date.now() / 1000
  lastStartAt = 0
  lastCloseAt = 0
  readonly #construct: new (
    config: unknown,
  ) => PluginObject

  /** `exported` is what the file exports. Throws a `TypeError` when it is not a plugin. */
  constructor(fileName: string, path: string, exported: unknown) {
    if (typeof exported !== 'object' || exported === null) throw new TypeError('exports nothing')
    const { Plugin, Name, Version, Priority, Schema, EntityFields, ConfigChecks } =
      exported as Record<string, unknown>
    if (!isConstructor(Plugin)) throw new TypeError('exports no class `Plugin`')
    this.#construct = Plugin
    this.name = (typeof Name === 'string' && Name !== '' ? Name : fileName).toLowerCase()
    this.version = Version
    this.priority = Priority || 0
    this.schema = Schema || []
    this.entityFields = Array.isArray(EntityFields) ? EntityFields : []
    this.configChecks = Array.isArray(ConfigChecks) ? ConfigChecks : []
    this.phases = PHASES.filter((phase) => typeof Plugin.prototype[phase] === 'function')
    this.path = path
    this.modifiedAt = statSync(path).mtime.getTime() / 1000
  }

  /** Throws whatever the plugin's constructor throws. */
  start(config: unknown): PluginObject {
    this.lastStartAt = Date.now() / 1000
    return new this.#construct(config)
  }

  /** What Kong's query command and `GetPluginInfo` give. The order of members is the stock server's. */
  get info(): object {
    const checks = this.configChecks.length > 0 && { entity_checks: this.configChecks }
    return {
      Name: this.name,
      Version: this.version,
      Phases: this.phases,
      Priority: this.priority,
      Schema: {
        name: this.name,
        fields: [
          ...this.entityFields,
          { config: { type: 'record', fields: this.schema, ...checks } },
        ],
      },
    }
  }
}

interface PluginClass {
  new (config: unknown): PluginObject
  readonly prototype: PluginObject
}

function isConstructor(value: unknown): value is PluginClass {
  return typeof value === 'function' && typeof value.prototype === 'object'
}
