import { stringify } from 'yaml'
import type { Snippet, SnippetEntity } from './snippet.ts'

/**
 * Resources of Kong's ingress controller: a `KongPlugin` for what stands on a service or route, which an
 * annotation ties to it, and a `KongClusterPlugin` for what is global.
 */
export function toKic({ about, entities }: Snippet): string {
  const resources = entities.map((entity) => `${howTo(entity)}${yaml(resource(entity))}`)
  return `# ${about}\n${resources.join('---\n')}`
}

function resource({ label, plugin, on, enabled, tags, config }: SnippetEntity): object {
  return {
    apiVersion: 'configuration.konghq.com/v1',
    kind: on === undefined ? 'KongClusterPlugin' : 'KongPlugin',
    metadata: {
      name: label,
      ...(on === undefined && { labels: { global: 'true' } }),
      annotations: {
        'kubernetes.io/ingress.class': 'kong',
        ...(tags && { 'konghq.com/tags': tags.join(',') }),
      },
    },
    plugin,
    ...(enabled === false && { disabled: true }),
    config,
  }
}

/** Kubernetes has Ingresses and HTTPRoutes where Kong has routes. */
function howTo({ label, on }: SnippetEntity): string {
  if (on === undefined) return ''
  const kind = on.kind === 'service' ? 'service' : 'ingress'
  return `# kubectl annotate ${kind} ${on.name} konghq.com/plugins=${label}\n`
}

// What reads it is YAML 1.1 in parts, where "off" is no text.
function yaml(value: object): string {
  return stringify(value, { version: '1.1', lineWidth: 0, blockQuote: 'literal' })
}
