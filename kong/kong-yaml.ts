import type { SchemaOptions } from 'yaml'

/**
 * YAML as Kong and decK read it (lyaml 6.2, go-yaml 2): version 1.1, where an unquoted `off` is `false`,
 * but with dates as strings.
 */
export const KONG_YAML = {
  version: '1.1',
  customTags: (tags) => tags.filter((tag) => tag !== 'timestamp' && !isTimestamp(tag)),
} as const satisfies SchemaOptions & { readonly version: string }

type Tag = Parameters<Extract<SchemaOptions['customTags'], (...tags: never) => unknown>>[0][number]

function isTimestamp(tag: Tag): boolean {
  return typeof tag !== 'string' && tag.tag === 'tag:yaml.org,2002:timestamp'
}
