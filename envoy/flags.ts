import { readdirSync, statSync } from 'node:fs'
import { join, parse as parsePath } from 'node:path'
import { parseArgs } from 'node:util'
import { type Address, parseAddress } from '../lib/ports/address.ts'

/** What the command line asks for. */
export interface Flags {
  /** Files of configurations by the name under which routes ask for them. */
  readonly policies: ReadonlyMap<string, string>
  readonly listen: Address | undefined
  readonly listenHttp: Address | undefined
  readonly tls: TlsFiles | undefined
  readonly workers: number
  readonly trustedHops: number
  readonly maxPending: number
  readonly drainMs: number
  /** Where metrics are served; nowhere when absent. */
  readonly metrics: Address | undefined
  /** Beside which `oathmesh status` is answered: the socket, or a path where it listens on a port. */
  readonly status: string | undefined
}

export interface TlsFiles {
  readonly certFile: string
  readonly keyFile: string
  /** Whoever connects has to have a certificate of this authority. */
  readonly clientCaFile: string | undefined
}

const NAME = /^[\w.-]{1,64}$/
const CONFIG_FILE = new Set(['.yaml', '.yml', '.json'])

/** Parses what follows the program's name. Throws a `TypeError` that names the flag. */
export function parseFlags(args: readonly string[]): Flags | 'help' | 'version' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: 'string', multiple: true, default: [] },
      listen: { type: 'string' },
      'listen-http': { type: 'string' },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
      'tls-client-ca': { type: 'string' },
      workers: { type: 'string', default: '1' },
      'trusted-hops': { type: 'string', default: '0' },
      'max-pending': { type: 'string', default: '1000' },
      'drain-ms': { type: 'string', default: '5000' },
      metrics: { type: 'string' },
      status: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  if (values.version) return 'version'
  const { listen, 'listen-http': listenHttp } = values
  if (listen === undefined && listenHttp === undefined) {
    throw new TypeError('--listen or --listen-http is required: unix:PATH or HOST:PORT')
  }
  return {
    policies: policiesOf(values.config),
    listen: listen === undefined ? undefined : parseAddress('--listen', listen),
    listenHttp: listenHttp === undefined ? undefined : parseAddress('--listen-http', listenHttp),
    tls: tlsOf(values),
    workers: numberOf(values, 'workers', 1, 64),
    trustedHops: numberOf(values, 'trusted-hops', 0, 10),
    maxPending: numberOf(values, 'max-pending', 1, 1_000_000),
    drainMs: numberOf(values, 'drain-ms', 0, 600_000),
    metrics: values.metrics === undefined ? undefined : parseAddress('--metrics', values.metrics),
    status: statusOf(values.status, [listen, listenHttp]),
  }
}

function statusOf(
  given: string | undefined,
  listens: readonly (string | undefined)[],
): string | undefined {
  const sockets = [...(given === undefined ? [] : [`unix:${given}`]), ...listens].flatMap(
    (text) => {
      const address = text === undefined ? undefined : parseAddress('--status', text)
      return address?.kind === 'unix' ? [address.path] : []
    },
  )
  return sockets[0]
}

function policiesOf(given: readonly string[]): ReadonlyMap<string, string> {
  const policies = new Map<string, string>()
  for (const [name, file] of given.flatMap(filesOf)) {
    if (!NAME.test(name)) {
      throw new TypeError(`--config: "${name}" is no name: letters, digits, _ . and - only`)
    }
    if (policies.has(name)) throw new TypeError(`--config: the policy "${name}" is given twice`)
    policies.set(name, file)
  }
  if (policies.size === 0) {
    throw new TypeError('--config is required: NAME=FILE, or a folder of NAME.yaml files')
  }
  return policies
}

/** `NAME=FILE`, or a folder, of which each file is a policy of its name. */
function filesOf(given: string): readonly (readonly [string, string])[] {
  const equals = given.indexOf('=')
  if (equals > 0) return [[given.slice(0, equals), given.slice(equals + 1)]]
  if (statSync(given, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new TypeError(`--config ${given}: is neither NAME=FILE nor a folder`)
  }
  return readdirSync(given)
    .map((file) => parsePath(file))
    .filter(({ ext, name }) => CONFIG_FILE.has(ext) && !name.startsWith('.'))
    .map(({ name, base }) => [name, join(given, base)])
}

function tlsOf(values: {
  'tls-cert'?: string
  'tls-key'?: string
  'tls-client-ca'?: string
}): TlsFiles | undefined {
  const { 'tls-cert': certFile, 'tls-key': keyFile, 'tls-client-ca': clientCaFile } = values
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile, clientCaFile }
  if (certFile === undefined && keyFile === undefined && clientCaFile === undefined)
    return undefined
  throw new TypeError('--tls-cert and --tls-key belong together, and --tls-client-ca needs both')
}

function numberOf<Name extends string>(
  values: Readonly<Record<Name, string>>,
  name: Name,
  from: number,
  to: number,
): number {
  const text = values[name]
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= from && value <= to) return value
  throw new TypeError(`--${name} must be a whole number from ${from} to ${to}, not "${text}"`)
}
