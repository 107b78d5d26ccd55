import type { Snippet, SnippetEntity } from './snippet.ts'

/** Calls of Kong's Admin API where it listens by default. */
export function toAdmin(snippet: Snippet): string {
  return calls(snippet, (entity) => ({
    url: `http://localhost:8001${placeOf(entity, ({ name }) => encodeURIComponent(name))}`,
    headers: [],
  }))
}

/** Calls of Konnect's API. Its routes and services are named by id, which comes from the environment. */
export function toKonnect(snippet: Snippet): string {
  const base = 'https://$KONNECT_REGION.api.konghq.com/v2/control-planes/$CONTROL_PLANE_ID'
  return calls(snippet, (entity) => ({
    url: `${base}/core-entities${placeOf(entity, ({ name }) => `$${variableOf(name)}`)}`,
    headers: ['Authorization: Bearer $KONNECT_TOKEN'],
  }))
}

/** The variable that holds the id of a route or service: `orders-v2` → `ORDERS_V2_ID`. */
export function variableOf(name: string): string {
  return `${name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}_ID`
}

type Target = NonNullable<SnippetEntity['on']>

function placeOf({ on }: SnippetEntity, named: (on: Target) => string): string {
  return on === undefined ? '/plugins' : `/${on.kind}s/${named(on)}/plugins`
}

function calls(
  { about, entities }: Snippet,
  of: (entity: SnippetEntity) => { readonly url: string; readonly headers: readonly string[] },
): string {
  const commands = entities.map((entity) => {
    const { plugin: name, enabled, tags, config } = entity
    const body = JSON.stringify({ name, enabled, tags, config }, null, 2)
    const { url, headers } = of(entity)
    const all = ['Content-Type: application/json', ...headers]
    return [
      'curl --fail-with-body --request POST \\',
      `  --url "${url}" \\`,
      ...all.map((header) => `  --header "${header}" \\`),
      `  --data ${quoted(body)}`,
    ].join('\n')
  })
  return `# ${about}\n${commands.join('\n\n')}\n`
}

/** As one word of a shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
