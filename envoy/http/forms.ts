import type { IncomingMessage } from 'node:http'

/** The request that a proxy asks about, as it names it. */
export interface AskedFor {
  readonly policy: string
  readonly method: string
  /** With the query. */
  readonly path: string
}

type Form = (message: IncomingMessage, rest: string) => Omit<AskedFor, 'policy'> | undefined

/** Method and path from two headers that the proxy sets; each exactly once, as a second one is the client's. */
const fromHeaders =
  (methodHeader: string, pathHeader: string): Form =>
  ({ headersDistinct }, rest) => {
    const [method, ...otherMethods] = headersDistinct[methodHeader] ?? []
    const [path, ...otherPaths] = headersDistinct[pathHeader] ?? []
    if (rest !== '' || !method || !path?.startsWith('/')) return undefined
    return otherMethods.length + otherPaths.length > 0 ? undefined : { method, path }
  }

/**
 * How each proxy says what it asks about. The first segment of the path names the proxy, so that nobody's headers are
 * read but those that it is known to set: the others may be a client's.
 */
const FORMS: Readonly<Record<string, Form>> = {
  // `path_prefix: /envoy/NAME`: the original method and path.
  envoy: ({ method = '' }, rest) => (rest.startsWith('/') ? { method, path: rest } : undefined),
  nginx: fromHeaders('x-original-method', 'x-original-uri'),
  haproxy: fromHeaders('x-original-method', 'x-original-uri'),
  traefik: fromHeaders('x-forwarded-method', 'x-forwarded-uri'),
}

/** Reads `/PROXY/POLICY…`; `undefined` for anything that does not say everything. */
export function askedFor(message: IncomingMessage): AskedFor | undefined {
  const [, form = '', policy = '', rest = ''] =
    /^\/([a-z]+)\/([\w.-]+)((?:[/?].*)?)$/s.exec(message.url ?? '') ?? []
  if (!Object.hasOwn(FORMS, form)) return undefined
  const line = FORMS[form]?.(message, rest)
  return line && { policy, ...line }
}
