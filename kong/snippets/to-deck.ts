import { stringify } from 'yaml'
import { KONG_YAML } from '../kong-yaml.ts'
import type { Snippet } from './snippet.ts'

/** A file for decK. The service is one that Kong has already; `apply` touches nothing else. */
export function toDeck({ about, entities }: Snippet): string {
  const plugins = entities.map(({ plugin, on, enabled, tags, config }) => ({
    name: plugin,
    ...(on && { [on.kind]: on.name }),
    ...(enabled !== undefined && { enabled }),
    ...(tags && { tags }),
    config,
  }))
  const file = stringify(
    { _format_version: '3.0', plugins },
    { ...KONG_YAML, lineWidth: 0, blockQuote: 'literal' },
  )
  return `# ${about}\n# deck gateway apply oathmesh.yaml\n${file}`
}
