import fc from 'fast-check'
import { type IdentityHeader, identityHeaders } from '../../../lib/gateway/identity-headers.ts'
import type { Claims, Source } from '../../../lib/token/claims.ts'

const CLAIMS: Claims = {
  iss: 'https://issuer.example.test',
  sub: 'svc://a',
  aud: 'https://api',
  act: 'x',
  iat: 1,
  exp: 2,
  jti: 'id-1',
  env: 'prod',
  reason: 'why',
}

describe('identity headers', () => {
  // LuaJIT hashes strings by their first and last bytes: see the source.
  test('end with the token id, whatever the order in which they are asked for', () => {
    const wanted: readonly IdentityHeader[] = ['token_id', 'subject', 'reason', 'env', 'expires_at']
    fc.assert(
      fc.property(fc.shuffledSubarray([...wanted]), (some) => {
        const names = Object.keys(identityHeaders({ claims: CLAIMS }, some))
        expect(names).toHaveLength(some.length)
        if (some.includes('token_id')) expect(names.at(-1)).toBe('X-OathMesh-Token-ID')
      }),
    )
  })

  const sourceOf = (src: Source) =>
    identityHeaders({ claims: { ...CLAIMS, src } }, ['source'])['X-OathMesh-Source']

  test.each<[Source, string | undefined]>([
    [{ type: 'github_actions', repo: 'acme/storefront' }, 'github_actions:acme/storefront'],
    [{ type: 'a', repo: 'b', workflow: 'c' }, 'a:b:c'],
    [{ type: 'a:b', workflow: 'c' }, 'a%3Ab::c'],
    [{ type: 'a', repo: 'b:c' }, 'a:b%3Ac'],
    [{ type: 'a%3Ab' }, 'a%253Ab'],
    [{ repo: 'b' }, ':b'],
    [{ workflow: 'c' }, '::c'],
    [{}, undefined],
  ])('tell the source %j as %s', (src, text) => {
    expect(sourceOf(src)).toBe(text)
  })

  test('tell no two sources alike', () => {
    const part = fc.string({ unit: fc.constantFrom('a', ':', '%', '3', 'A', ' '), minLength: 1 })
    const src = fc.record({ type: part, repo: part, workflow: part }, { requiredKeys: [] })
    fc.assert(
      fc.property(src, src, (one, other) => {
        const same = JSON.stringify(placesOf(one)) === JSON.stringify(placesOf(other))
        expect(sourceOf(one) === sourceOf(other)).toBe(same)
      }),
    )
  })
})

function placesOf({ type, repo, workflow }: Source): unknown {
  return [type, repo, workflow]
}
