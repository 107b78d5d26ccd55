import { guardEntities } from './guard-entities.ts'
import type { Snippet, SnippetEntity } from './snippet.ts'

/** What stands in a snippet for the reader's own. */
export interface SnippetNames {
  readonly service: string
  /** Of a second service, where a snippet has two. */
  readonly other: string
  readonly audience: string
  readonly issuer: string
}

export const EXAMPLE_NAMES: SnippetNames = {
  service: 'inventory',
  other: 'reports',
  audience: 'https://inventory.internal',
  issuer: 'https://issuer.example.com',
}

/** Every purpose there is a snippet for, in the order of the page. */
export const SNIPPETS: Readonly<Record<string, (names: SnippetNames) => Snippet>> = {
  smallest: (names) => ({
    about: 'Accept tokens for one service and nothing else: audience, issuer, one rule.',
    entities: [onService(names.service, smallest(names))],
  }),
  redis: (names) => ({
    about:
      'Several gateway nodes that share used tokens through Redis, whose password comes from a vault.',
    entities: [
      onService(names.service, {
        ...smallest(names),
        replay: { store: 'redis' },
        redis: {
          host: 'redis.internal',
          ssl: true,
          password: '{vault://env/oathmesh-redis-password}',
        },
      }),
    ],
  }),
  observe: (names) => ({
    about: 'Refuse nothing yet: every call passes and is audited as it would have been decided.',
    entities: [onService(names.service, { ...smallest(names), enforcement: 'observe' })],
  }),
  'toggle-per-service': (names) => ({
    about: 'One entity per service, each with a switch of its own. Off means unprotected.',
    entities: [
      onService(names.service, smallest(names)),
      onService(names.other, smallest(names), false),
    ],
  }),
  guard: () => ({
    about: 'The guard, once per Kong or control plane: it refuses what the plugin has not decided.',
    entities: guardEntities({ kind: 'global' }),
  }),
}

function onService(
  service: string,
  config: SnippetEntity['config'],
  enabled = true,
): SnippetEntity {
  return {
    label: `oathmesh-${service}`,
    plugin: 'oathmesh',
    on: { kind: 'service', name: service },
    ...(!enabled && { enabled }),
    config,
  }
}

function smallest({ audience, issuer }: SnippetNames): SnippetEntity['config'] {
  return {
    audience,
    issuers: [{ issuer }],
    policy: {
      rules: [
        { name: 'ci-deploys', allow: true, match: { sub: 'agent://ci/*', act: 'inventory.*' } },
      ],
    },
  }
}
