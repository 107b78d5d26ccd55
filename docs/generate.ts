import { readFileSync, writeFileSync } from 'node:fs'
import { guardAsKic } from '../kong/snippets/guard-as-kic.ts'
import { LAST_STEP, REFUSALS } from '../lib/denial.ts'
import { METRICS } from '../lib/metrics/catalogue.ts'
import type { MetricShape } from '../lib/metrics/metric-shape.ts'
import configSchema from '../schema/config.schema.json' with { type: 'json' }
import type { JsonSchema } from '../schema/json-schema.ts'
import { toLua } from '../schema/to-lua.ts'
import { toMarkdown } from '../schema/to-markdown.ts'
import { regenerate } from './regenerate.ts'
import { snippetPage } from './snippet-page.ts'
import { VERSION_PLACES, withVersion } from './version-places.ts'

/** The generated part of each page, by file. It stands between two marker comments. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'docs/configuration.md': () => toMarkdown(configSchema as JsonSchema),
  'docs/audit.md': refusalTable,
  'docs/snippets.md': snippetPage,
  'docs/metrics.md': metricTable,
}

/** Schemas that speak of steps. */
const OF_STEPS = ['audit-event', 'audit-summary', 'cli-output', 'vectors']

export function regenerateAll(write: (file: string, page: string) => void): void {
  for (const [file, part] of Object.entries(GENERATED)) {
    write(file, regenerate(readFileSync(file, 'utf8'), part()))
  }
  for (const [file, place] of Object.entries(VERSION_PLACES)) {
    write(file, withVersion(readFileSync(file, 'utf8'), place))
  }
  write('kong/kubernetes/guard.yaml', guardAsKic({ kind: 'global' }))
  write('kong/schema.lua', toLua('oathmesh', configSchema as JsonSchema))
  for (const name of OF_STEPS) {
    const file = `schema/${name}.schema.json`
    write(file, withStepBounds(readFileSync(file, 'utf8')))
  }
}

/** A schema in which every `step` ends with the last one there is. */
function withStepBounds(schema: string): string {
  const bound = /("step": \{[^{}]*?"(?:maximum|const)": )\d+/g
  if (!bound.test(schema)) throw new TypeError('a schema without a bound of step')
  return schema.replace(bound, `$1${LAST_STEP}`)
}

function metricTable(): string {
  const rows = Object.entries<MetricShape>(METRICS).map(([name, { type, labels, of, help }]) => {
    const names = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${names || '–'} | ${of.join(', ')} | ${help} |`
  })
  return ['| Name | Type | Labels | Of | Meaning |', '|---|---|---|---|---|', ...rows].join('\n')
}

function refusalTable(): string {
  const rows = Object.entries(REFUSALS).map(([reason, { code, status, message, fix }]) => {
    const word = reason === 'policy' ? 'policy:<rule>' : reason
    return `| \`${word}\` | \`${code}\` | ${status} | ${message} | ${fix.replaceAll('|', '\\|')} |`
  })
  return [
    '| `reason` | `error` | Status | `message` | `fix` |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

if (process.argv.includes('--write')) regenerateAll((file, page) => writeFileSync(file, page))
