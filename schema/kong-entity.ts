import type { KongField } from './to-kong.ts'

/** The protocols of requests that the plugin decides, sorted as Kong's own schemas have them. */
export const HTTP_PROTOCOLS: readonly string[] = ['grpc', 'grpcs', 'http', 'https']

/**
 * What Kong keeps about an entity of the plugin beside its configuration, as its own authentication
 * plugins have it: no consumer, since none is known yet when it runs, and HTTP only. A consumer group has
 * no place in it: Kong without Enterprise knows no such field and would refuse the whole plugin.
 */
export const ENTITY_FIELDS: readonly KongField[] = [
  {
    consumer: {
      type: 'foreign',
      reference: 'consumers',
      eq: null,
      description: 'Must not be set: the plugin runs before any consumer is known.',
    },
  },
  {
    protocols: {
      type: 'set',
      required: true,
      default: HTTP_PROTOCOLS,
      elements: { type: 'string', one_of: HTTP_PROTOCOLS },
      description: 'The protocols of requests that the plugin decides.',
    },
  },
]
