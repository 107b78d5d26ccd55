import { LuaError } from './lua-error.ts'
import type { Wire } from './wire/wire.ts'
import { WireFault } from './wire/wire-fault.ts'

/** The instance of one plugin entity in the plugin server: started when first needed, then kept. */
export class PluginInstance {
  readonly #wire: Wire
  readonly #name: string
  readonly #config: string
  #id: number | undefined
  #starting: Promise<void> | undefined

  constructor(wire: Wire, name: string, config: string) {
    this.#wire = wire
    this.#name = name
    this.#config = config
  }

  /** The instance's id. Rejects with `LuaError` when it cannot be started: such requests end in 500. */
  async id(): Promise<number> {
    while (this.#id === undefined) {
      if (this.#starting === undefined) {
        this.#starting = this.#start()
        await this.#starting
      } else {
        // Should that request fail to start it, this one tries as well.
        await this.#starting.catch(() => {})
      }
    }
    return this.#id
  }

  /** The plugin server does not know it: the next use starts it again. */
  forget(): void {
    this.#id = undefined
  }

  async #start(): Promise<void> {
    try {
      this.#id = await this.#wire.startInstance(this.#name, this.#config)
    } catch (cause) {
      if (!(cause instanceof WireFault)) throw cause
      throw new LuaError(`starting instance: ${cause.message}`)
    } finally {
      this.#starting = undefined
    }
  }
}
