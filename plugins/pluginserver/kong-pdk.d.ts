declare module 'kong-pdk/pdk.js' {
  /** One call of a plugin, as it travels to Kong. */
  export interface PdkCall {
    readonly Method: string
    readonly Args: readonly unknown[]
  }

  /** Every `put` but that of a call that ends the request is followed at once by one `get`. */
  export interface PdkPipe {
    put(call: PdkCall): void
    get(): Promise<readonly [value: unknown, error: unknown]>
  }

  /** Turns member accesses such as `kong.request.get_headers` into calls over a pipe. */
  class Pdk {
    constructor(pipe: PdkPipe)
    readonly kong: unknown
  }

  // biome-ignore lint/style/noDefaultExport: the package is CommonJS and exports nothing else
  export { Pdk as default }
}
