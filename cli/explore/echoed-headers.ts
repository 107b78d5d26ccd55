import type { AnswerView } from '../../explorer/index.ts'

type Pairs = readonly (readonly [name: string, value: string])[]

/**
 * The headers that the upstream got, from an upstream that answers with its request as `oathmesh kong try --echo` does;
 * `undefined` of any other answer.
 */
export function echoedHeaders({ status, body }: AnswerView): Pairs | undefined {
  if (status !== 200) return undefined
  try {
    const { method, url, headers } = Object(JSON.parse(body))
    const pairs: readonly (readonly [string, unknown])[] = Object.entries(Object(headers))
    if (typeof method !== 'string' || typeof url !== 'string' || pairs.length === 0)
      return undefined
    return pairs.map(([name, value]) => [name, String(value)])
  } catch {
    return undefined
  }
}
