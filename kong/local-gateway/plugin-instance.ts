import { LuaError } from './lua-error.ts'
import type { Wire } from './wire/wire.ts'
import { WireFault } from './wire/wire-fault.ts'

/** The instance of one plugin entity in the plugin server: started when first needed, then kept. */
export class PluginInstance {
  readonly #wire: Wire
  readonly #name: string
  readonly #config: string
  readonly #claimTimeoutMs: number
  #id: number | undefined
  /** Of the request that starts it. Never settles where Kong broke on the answer. */
  #claim: Promise<void> | undefined

  constructor(wire: Wire, name: string, config: string, claimTimeoutMs: number) {
    this.#wire = wire
    this.#name = name
    this.#config = config
    this.#claimTimeoutMs = claimTimeoutMs
  }

  /**
   * The instance's id. Rejects with `LuaError` when it cannot be started: such requests end in 500. With
   * `WireFault` when another request has claimed the start and never released it: that is released then.
   */
  async id(): Promise<number> {
    const end = Date.now() + this.#claimTimeoutMs
    while (this.#id === undefined) {
      if (this.#claim === undefined) await this.#start()
      // Should that request fail to start it, this one tries as well.
      else if (!(await settles(this.#claim, end - Date.now()))) {
        this.#claim = undefined
        throw new WireFault(`Could not claim instance_id for ${this.#name}`)
      }
    }
    return this.#id
  }

  /** The plugin server does not know it: the next use starts it again. */
  forget(): void {
    this.#id = undefined
  }

  async #start(): Promise<void> {
    let release = () => {}
    this.#claim = new Promise((resolve) => {
      release = resolve
    })
    try {
      this.#id = await this.#wire.startInstance(this.#name, this.#config)
    } catch (cause) {
      // An error of Lua ends the request at once, and nobody gives up its claim.
      if (!(cause instanceof WireFault)) throw cause
      this.#claim = undefined
      release()
      throw new LuaError(`starting instance: ${cause.message}`)
    }
    this.#claim = undefined
    release()
  }
}

async function settles(claim: Promise<void>, withinMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, withinMs, false)
  })
  const settled = await Promise.race([claim.then(() => true), late])
  clearTimeout(timer)
  return settled
}
