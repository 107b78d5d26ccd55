import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { configurationError, parseConfig } from '../schema/parse-config.ts'
import type { PluginConfig } from '../schema/plugin-config.ts'

/** A configuration of the plugin's own schema, YAML or JSON, without what only Kong can do. */
export function readConfig(file: string): PluginConfig {
  const { anonymous, ...own } = membersOf(parse(textOf(file)))
  const config = parseConfig(own)
  const faults = [
    ...(config.consumer.by === 'off'
      ? []
      : ['consumer.by: Envoy has no consumers; leave it out, or set it to off']),
    ...(config.audit.serialize ? ['audit.serialize: is for Kong’s own log; leave it out'] : []),
    ...vaultReferences(config).map(
      (path) =>
        `${path}: vault references are Kong’s; write the value, in a file that only we can read`,
    ),
  ]
  // Kong needs a consumer for it, and so the schema a `consumer.by`; here it is nobody, whatever the name.
  const named = typeof anonymous === 'string' && anonymous !== ''
  if (!named && (anonymous ?? null) !== null)
    faults.push('anonymous: must be a text that is not empty')
  if (faults.length > 0) throw configurationError(faults)
  return named ? { ...config, anonymous } : config
}

function membersOf(document: unknown): Readonly<Record<string, unknown>> {
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) {
    return document as Readonly<Record<string, unknown>>
  }
  throw new TypeError('must be a mapping: what stands under config: of the Kong plugin')
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { code = 'unknown fault' } = cause as NodeJS.ErrnoException
    throw new TypeError(code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`, { cause })
  }
}

/** Kong replaces them before a plugin sees them; here they would be passwords. */
function vaultReferences(value: unknown, path = ''): string[] {
  if (typeof value === 'string') return value.startsWith('{vault://') ? [path] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    vaultReferences(member, path === '' ? name : `${path}.${name}`),
  )
}
