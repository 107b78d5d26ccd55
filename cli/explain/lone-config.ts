import { parse } from 'yaml'

/**
 * A configuration of the plugin by itself, as `oathmesh-envoy` reads it; `undefined` for a file that is something else.
 * `anonymous` is left out: it is about what becomes of a refused call, and there no consumer of Kong.
 */
export function loneConfig(text: string): object | undefined {
  const document = parsed(text)
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined
  const isOne = 'audience' in document && 'issuers' in document && !('_format_version' in document)
  if (!isOne) return undefined
  const { anonymous: _, ...config } = document as Readonly<Record<string, unknown>>
  return config
}

/** What cannot be read is not this; whoever reads it next says why. */
function parsed(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
