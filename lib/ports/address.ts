/** Where a server listens. */
export type Address =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }

/** What the kernel keeps of a socket's path; beyond, the name is cut off without a word. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103

/** Reads `unix:PATH` or `HOST:PORT`. Throws a `TypeError` that names the flag. */
export function parseAddress(flag: string, text: string): Address {
  if (text.startsWith('unix:')) return unixAddress(flag, text.slice('unix:'.length))
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535) {
    throw new TypeError(`${flag} must be unix:PATH or HOST:PORT, not "${text}"`)
  }
  return { kind: 'tcp', host, port: Number(port) }
}

function unixAddress(flag: string, path: string): Address {
  const bytes = Buffer.byteLength(path)
  if (path !== '' && bytes <= MAX_PATH_BYTES) return { kind: 'unix', path }
  throw new TypeError(
    `${flag}: the path of the socket has ${bytes} bytes and may have 1 to ${MAX_PATH_BYTES}`,
  )
}

/** As it is written on a command line. */
export function addressText(address: Address): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return `${host}:${address.port}`
}

/**
 * The address of one of several processes: each has its own, as Envoy opens one connection to each endpoint.
 * `oathmesh.sock` becomes `oathmesh.0.sock`; a port is counted up.
 */
export function addressOfWorker(address: Address, worker: number): Address {
  if (address.kind === 'tcp') return { ...address, port: address.port + worker }
  const dot = address.path.lastIndexOf('.')
  const cut = dot > address.path.lastIndexOf('/') + 1 ? dot : address.path.length
  const path = `${address.path.slice(0, cut)}.${worker}${address.path.slice(cut)}`
  return { kind: 'unix', path }
}
