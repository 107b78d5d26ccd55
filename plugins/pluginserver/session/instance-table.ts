import { randomInt } from 'node:crypto'
import type { PluginModule, PluginObject } from '../plugin/plugin-module.ts'
import type { InstancePlace } from './instance-place.ts'

export interface PluginInstance {
  readonly id: number
  readonly plugin: PluginModule
  readonly object: PluginObject
  readonly place: InstancePlace
  /** Unix seconds. */
  readonly startedAt: number
  usedAt: number
}

export interface InstanceTableOptions {
  readonly now: () => number
  /** The largest number that Kong's messages hold. */
  readonly maxId: number
  /** What is idle for longer is dropped; Kong starts it again when it needs it. */
  readonly idleMs: number
  /** Kong has closed an instance. */
  readonly onClosed?: ((id: number) => void) | undefined
}

/** The running instances: one per plugin entity and Kong worker. */
export class InstanceTable {
  readonly #options: InstanceTableOptions
  readonly #instances = new Map<number, PluginInstance>()
  // After a restart or reload, Kong's workers still hold numbers of the process before this one. Were
  // numbers used twice, a request could be checked with the configuration of another entity.
  #nextId: number

  constructor(options: InstanceTableOptions) {
    this.#options = options
    this.#nextId = randomInt(Math.floor(options.maxId / 2))
  }

  /** Keeps an object under a number of its own, or under one that all processes of this server know. */
  add(
    plugin: PluginModule,
    object: PluginObject,
    id = this.#nextId++,
    place: InstancePlace = {},
  ): PluginInstance {
    const startedAt = Date.now() / 1000
    const instance = { id, plugin, object, place, startedAt, usedAt: this.#options.now() }
    this.#instances.set(id, instance)
    return instance
  }

  /** The instance, which counts as used now. */
  use(id: unknown): PluginInstance | undefined {
    const instance = this.get(id)
    if (instance !== undefined) instance.usedAt = this.#options.now()
    return instance
  }

  get(id: unknown): PluginInstance | undefined {
    return typeof id === 'number' ? this.#instances.get(id) : undefined
  }

  get all(): readonly PluginInstance[] {
    return [...this.#instances.values()]
  }

  of(plugin: PluginModule): readonly PluginInstance[] {
    return [...this.#instances.values()].filter((instance) => instance.plugin === plugin)
  }

  close({ id, plugin }: PluginInstance): void {
    plugin.lastCloseAt = Date.now() / 1000
    this.#instances.delete(id)
    this.#options.onClosed?.(id)
  }

  /** Forgets an instance that another process of this server was told to close. */
  drop(id: number): void {
    this.#instances.delete(id)
  }

  /** Drops what nobody has used for a while. */
  sweep(): void {
    const before = this.#options.now() - this.#options.idleMs
    for (const [id, { usedAt }] of this.#instances) {
      if (usedAt < before) this.#instances.delete(id)
    }
  }
}
