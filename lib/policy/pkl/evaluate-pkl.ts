import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bulkhead } from 'cockatiel'
import { PolicyFaults } from '../policy-faults.ts'
import { findPkl } from './find-pkl.ts'
import { type Confinement, type Ending, runConfined } from './run-confined.ts'
import { SCHEMA_MODULE, SCHEMA_MODULE_FILE } from './schema-module.ts'

const LIMITS: Confinement = {
  timeoutMs: 5000,
  maxOutputBytes: 1 << 20,
  maxMemoryBytes: 256 << 20,
}
const SHOWN_CHARACTERS = 2000

/**
 * Pkl asks a server for a module before it asks itself whether it may load it, so a list of patterns
 * alone would let a policy send requests from the gateway. Nothing can listen on port 0.
 */
const NO_NETWORK = 'http://127.0.0.1:0'

/** Stands in for `~/.pkl/settings.pkl`, which Pkl reads from the home of the gateway's user otherwise. */
const SETTINGS_FILE = 'settings.pkl'
const SETTINGS = 'amends "pkl:settings"\n'

/** A policy takes Pkl about 10 ms; a gateway that loads a hundred must not run a hundred processes. */
const queue = bulkhead(2, Number.POSITIVE_INFINITY)

/**
 * Evaluates a Pkl module to JSON text in a confined child process. It can read Pkl modules that lie
 * in the folder of `file` itself, Pkl's standard library and the schema module: no other file, no
 * environment variable, no settings of the gateway's user, nothing from the network.
 *
 * `file` is a real path: links have been followed. Throws `PolicyFaults` for a module that
 * is refused, `Error` when Pkl is not installed.
 */
export function evaluatePkl(file: string, limits: Partial<Confinement> = {}): Promise<string> {
  return queue.execute(() => evaluate(file, { ...LIMITS, ...limits }))
}

async function evaluate(file: string, limits: Confinement): Promise<string> {
  const pkl = findPkl()
  const modulePath = await mkdtemp(join(tmpdir(), 'oathmesh-pkl-'))
  try {
    await writeFile(join(modulePath, SCHEMA_MODULE_FILE), SCHEMA_MODULE, { mode: 0o600 })
    await writeFile(join(modulePath, SETTINGS_FILE), SETTINGS, { mode: 0o600 })
    const timeoutSeconds = Math.ceil(limits.timeoutMs / 1000)
    // Pkl's own time-out explains itself better, so it gets the chance to be first.
    const watchdog = { ...limits, timeoutMs: limits.timeoutMs + 500 }
    const ending = await runConfined(pkl, argumentsFor(file, modulePath, timeoutSeconds), watchdog)
    return textOf(ending, limits)
  } finally {
    await rm(modulePath, { recursive: true, force: true })
  }
}

/**
 * The patterns are regular expressions that Pkl matches from the start of a URI. `pkl:` is not
 * listed: the standard library loads without. `prop:pkl.outputFormat` is what `--format` sets.
 */
function argumentsFor(file: string, modulePath: string, timeoutSeconds: number): string[] {
  const folder = dirname(file)
  const beside = `^${literal(`${pathToFileURL(folder).href}/`)}[^/]*\\.pkl$`
  const schema = `^modulepath:/${literal(SCHEMA_MODULE_FILE)}$`
  return [
    'eval',
    '--no-project',
    ...['--settings', join(modulePath, SETTINGS_FILE)],
    '--no-cache',
    ...['--http-proxy', NO_NETWORK],
    ...['--color', 'never'],
    ...['--format', 'json'],
    ...['--timeout', String(timeoutSeconds)],
    ...['--root-dir', folder],
    ...['--working-dir', folder],
    ...['--module-path', modulePath],
    ...['--allowed-modules', `${beside},${schema}`],
    ...['--allowed-resources', '^prop:pkl\\.outputFormat$'],
    pathToFileURL(file).href,
  ]
}

/** Escapes all but letters, digits and `/`: the comma, too, which separates Pkl's patterns. */
function literal(uri: string): string {
  return uri.replace(/[^A-Za-z0-9/]/g, (char) => `\\x{${char.charCodeAt(0).toString(16)}}`)
}

function textOf(ending: Ending, limits: Confinement): string {
  switch (ending.kind) {
    case 'exited':
      if (ending.code === 0) return ending.stdout
      if (ending.stderr.includes('OutOfMemoryError')) {
        throw new PolicyFaults([`Pkl needed more than ${limits.maxMemoryBytes >> 20} MiB`])
      }
      throw new PolicyFaults([`Pkl refused it: ${ending.stderr.trim().slice(0, SHOWN_CHARACTERS)}`])
    case 'timed_out':
      throw new PolicyFaults([
        `Pkl did not finish within ${limits.timeoutMs / 1000} s and was killed`,
      ])
    case 'printed_too_much':
      throw new PolicyFaults([
        `Pkl printed more than ${limits.maxOutputBytes >> 10} KiB and was killed`,
      ])
    case 'killed':
      throw new PolicyFaults([`Pkl was ended by ${ending.signal}`])
  }
}
