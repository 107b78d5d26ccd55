import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Address, parseAddress } from '../../lib/ports/address.ts'
import type { SocketMode } from './socket/socket-mode.ts'
import { WIRES, type WireName } from './wire/wires.ts'

/** What the command line asks for. */
export interface Flags {
  readonly kongPrefix: string
  readonly sockName: string
  /** Permissions of the socket. */
  readonly socketMode: SocketMode
  readonly pluginsDirectory: string
  readonly wire: WireName
  /** Processes that serve requests. */
  readonly workers: number
  readonly verbose: boolean
  readonly dumpPluginInfo: string | undefined
  readonly dumpAllPlugins: boolean
  /** Where nginx spools request bodies. */
  readonly bodyFolder: string
  readonly maxFrameBytes: number
  readonly phaseTimeoutMs: number
  readonly eventAgeMs: number
  readonly maxEvents: number
  readonly drainMs: number
  /** Where metrics are served; nowhere when absent. */
  readonly metrics: Address | undefined
}

/** The stock server documents these with one dash as well. */
const ONE_DASH = new Set([
  '-kong-prefix',
  '-plugins-directory',
  '-dump-plugin-info',
  '-dump-all-plugins',
])

/** Parses what follows the program's name. Throws a `TypeError` that names the flag. */
export function parseFlags(args: readonly string[]): Flags | 'help' | 'version' {
  const { values } = parseArgs({
    args: args.map((arg) => (ONE_DASH.has(arg) ? `-${arg}` : arg)),
    options: {
      'kong-prefix': { type: 'string', short: 'p', default: '/usr/local/kong' },
      'sock-name': { type: 'string', default: 'js_pluginserver.sock' },
      workers: { type: 'string', default: '1' },
      wire: { type: 'string', default: 'protobuf' },
      'socket-mode': { type: 'string', default: '0600' },
      'plugins-directory': { type: 'string', short: 'd' },
      verbose: { type: 'boolean', short: 'v', default: false },
      'body-directory': { type: 'string' },
      'dump-plugin-info': { type: 'string' },
      'dump-all-plugins': { type: 'boolean', default: false },
      'max-frame-bytes': { type: 'string', default: '33554432' },
      'phase-timeout-ms': { type: 'string', default: '10000' },
      'event-age-ms': { type: 'string', default: '120000' },
      'max-events': { type: 'string', default: '10000' },
      'drain-ms': { type: 'string', default: '5000' },
      metrics: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  if (values.version) return 'version'
  const directory = values['plugins-directory']
  if (directory === undefined) throw new TypeError('--plugins-directory is required')
  const wire = wireOf(values.wire)
  return {
    kongPrefix: values['kong-prefix'],
    sockName: values['sock-name'],
    socketMode: modeOf(values['socket-mode']),
    pluginsDirectory: directory,
    wire,
    bodyFolder: values['body-directory'] ?? join(values['kong-prefix'], 'client_body_temp'),
    workers: workersOf(values, wire),
    verbose: values.verbose,
    dumpPluginInfo: values['dump-plugin-info'],
    dumpAllPlugins: values['dump-all-plugins'],
    // Bounds: below, no request fits; above, the setting protects nothing.
    maxFrameBytes: numberOf(values, 'max-frame-bytes', 1024, 1_073_741_824),
    phaseTimeoutMs: numberOf(values, 'phase-timeout-ms', 10, 55_000),
    eventAgeMs: numberOf(values, 'event-age-ms', 10, 3_600_000),
    maxEvents: numberOf(values, 'max-events', 1, 10_000_000),
    drainMs: numberOf(values, 'drain-ms', 0, 600_000),
    metrics: values.metrics === undefined ? undefined : parseAddress('--metrics', values.metrics),
  }
}

function modeOf(text: string): SocketMode {
  if (text === '0600' || text === '600') return 0o600
  if (text === '0660' || text === '660') return 0o660
  throw new TypeError(`--socket-mode must be 0600 or 0660, not "${text}"`)
}

function workersOf(values: { readonly workers: string }, wire: WireName): number {
  const auto = values.workers === 'auto'
  const workers = auto ? availableParallelism() : numberOf(values, 'workers', 1, 128)
  if (workers === 1 || WIRES[wire].eventsStayOnTheirConnection) return workers
  // `auto` is no order: there it means as many as there can be.
  if (auto) return 1
  throw new TypeError(
    '--workers needs --wire protobuf: on msgpack the messages of one request come over any connection, and would come to another worker',
  )
}

function wireOf(text: string): WireName {
  if (Object.hasOwn(WIRES, text)) return text as WireName
  throw new TypeError(`--wire must be ${Object.keys(WIRES).join(' or ')}, not "${text}"`)
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
