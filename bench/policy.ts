import type { PolicyRule } from '../lib/index.ts'
import { compileRules } from '../lib/policy/compile.ts'
import type { Claims } from '../lib/token/claims.ts'

/** How the rules of one policy resemble each other: what an index can make of them. */
const SHAPES: Readonly<Record<string, (at: number) => PolicyRule>> = {
  'a subject each': (at) => ({
    name: `team ${at}`,
    match: { sub: `svc://team-${at}/*`, act: 'orders.*', env: 'prod' },
    allow: true,
  }),
  'one subject, an action each': (at) => ({
    name: `action ${at}`,
    match: { sub: 'svc://shop/*', act: `orders-${at}.read` },
    allow: true,
  }),
  'suffixes only': (at) => ({ name: `suffix ${at}`, match: { act: `*.read-${at}` }, allow: true }),
}
const CALLS = 1_000_000

const claims = (last: number): Claims[] =>
  [
    { sub: `svc://team-${last}/billing`, act: 'orders.read' },
    { sub: 'svc://shop/checkout', act: `orders-${last}.read` },
    { sub: 'svc://shop/checkout', act: `orders.read-${last}` },
    { sub: 'job://nobody/knows', act: 'nothing' },
  ].map((some) => ({
    iss: 'https://issuer.example',
    aud: 'https://api.example',
    iat: 1_774_911_100,
    exp: 1_774_911_160,
    jti: '7b0e1a52-3f0f-4b59-8f3c-0a4d54a8f1a3',
    env: 'prod',
    ...some,
  }))

console.log(
  'Policy decisions, one core; a quarter of the calls match the last rule, the rest none.\n',
)
console.log('| Rules | Shape | per decision |')
console.log('|---|---|---|')
for (const [shape, rule] of Object.entries(SHAPES)) {
  for (const count of [10, 100, 1000]) {
    const policy = compileRules(Array.from({ length: count }, (_, at) => rule(at)))
    const calls = claims(count - 1)
    const rounds = Math.ceil(CALLS / count / calls.length)
    const round = () => {
      for (const call of calls) policy.decide(call)
    }
    for (let warm = 0; warm < rounds / 4; warm++) round()
    const start = process.hrtime.bigint()
    for (let at = 0; at < rounds; at++) round()
    const nanoseconds = Number(process.hrtime.bigint() - start) / (rounds * calls.length)
    console.log(`| ${count} | ${shape} | ${(nanoseconds / 1000).toFixed(2)} µs |`)
  }
}
