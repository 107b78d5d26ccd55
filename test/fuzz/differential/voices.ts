import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compactVerify, importJWK } from 'jose'
import { outcomeText } from '../../../testkit/conformance/outcome.ts'
import { PROGRAMS, rowsOf } from '../../../testkit/conformance/printed.ts'
import { decideByCore } from '../../../testkit/decide-by-core.ts'
import { KEYS, publicJwk } from '../../../testkit/keys.ts'

/** `allow`, or the code and the step of a refusal, for each token in its order. */
export type Opinions = readonly string[]

/** The core, in this process. */
export async function coreOf(tokens: readonly string[]): Promise<Opinions> {
  const opinions: string[] = []
  for (const token of tokens) {
    const { verdict } = await decideByCore({ name: 'mutated', token, expect: 'allow' })
    if (verdict.outcome === 'allow') opinions.push('allow')
    else
      opinions.push(outcomeText({ code: verdict.denial.refusal.code, step: verdict.denial.step }))
  }
  return opinions
}

/** An SDK, as a program of its own. */
export async function programOf(
  name: 'go' | 'python',
  tokens: readonly string[],
): Promise<Opinions> {
  const folder = mkdtempSync(join(tmpdir(), 'oathmesh-differential-'))
  const cases = tokens.map((token, at) => ({ name: String(at), token, expect: 'allow' }))
  try {
    writeFileSync(join(folder, 'mutated.json'), JSON.stringify({ about: 'mutated', cases }))
    const rows = await rowsOf(PROGRAMS[name], folder)
    const told = new Map(rows.map((row) => [row.name, outcomeText(row.got)]))
    return tokens.map((_, at) => told.get(String(at)) ?? 'no answer')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** jose, which knows nothing of claims: whether the signature is one of a trusted key. */
export async function joseOf(tokens: readonly string[]): Promise<Opinions> {
  const keys = await Promise.all(
    [KEYS.trusted, KEYS.second].map((key) => importJWK(publicJwk(key), 'EdDSA')),
  )
  const verifies = async (token: string) => {
    for (const key of keys) {
      const verified = await compactVerify(token, key, { algorithms: ['EdDSA'] }).catch(
        () => undefined,
      )
      if (verified !== undefined) return true
    }
    return false
  }
  const opinions: string[] = []
  for (const token of tokens) opinions.push((await verifies(token)) ? 'signed' : 'unsigned')
  return opinions
}
