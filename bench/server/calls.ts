import { freshToken } from '../../testkit/fresh-token.ts'
import { KEYS } from '../../testkit/keys.ts'

/** So many `Authorization` values, each minted now. */
export type Calls = (count: number) => readonly (string | undefined)[]

const times = (count: number, make: (at: number) => string | undefined) =>
  Array.from({ length: count }, (_, at) => make(at))
const scheme = (token: string) => `OathMesh ${token}`

export const allowed: Calls = (count) => times(count, () => scheme(freshToken()))

/** Requests that are refused, by the check that refuses them. */
export const REFUSED: Readonly<Record<string, Calls>> = {
  'no token (before step 1)': (count) => times(count, () => undefined),
  'not a token (step 1)': (count) => times(count, (at) => scheme(`not-a-token-${at}`)),
  'alg none (step 2)': (count) =>
    times(count, () => {
      const header = Buffer.from('{"alg":"none","typ":"om+jwt"}').toString('base64url')
      return scheme(`${header}.${freshToken().split('.')[1]}.`)
    }),
  'unknown issuer (step 4)': (count) =>
    times(count, () => scheme(freshToken({ iss: 'https://nobody.example.test' }))),
  'unknown kid (step 5)': (count) =>
    times(count, (at) => scheme(freshToken({}, { ...KEYS.trusted, kid: `nobody-${at}` }))),
  'bad signature (step 6)': (count) => times(count, () => scheme(freshToken({}, KEYS.stranger))),
  'expired (step 8)': (count) => {
    const now = Math.floor(Date.now() / 1000)
    return times(count, () => scheme(freshToken({ iat: now - 300, exp: now - 200 })))
  },
}
