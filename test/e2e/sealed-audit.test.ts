import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const KEY = 'a key of at least thirty-two characters'
const folder = mkdtempSync(join(tmpdir(), 'oathmesh-sealed-'))
const file = join(folder, 'audit.log')
const keyFile = join(folder, 'key')

beforeAll(async () => {
  writeFileSync(keyFile, KEY)
  const audit = { sink: 'file', file, hmac_key: KEY }
  const stack = await startOnLoopback({
    entities: serviceWith({ '/items': { ...BASE_CONFIG, audit } }),
  })
  for (let call = 0; call < 5; call++) {
    const headers = call % 2 === 0 ? ['Authorization', `OathMesh ${freshToken()}`] : []
    await httpCall(stack.url, { path: '/items', headers })
  }
  closeHttpCalls()
  await stack.stop()
})
afterAll(() => rmSync(folder, { recursive: true }))

async function verify(path: string): Promise<{ code: number; output: string }> {
  const args = ['dist/bin/oathmesh.cjs', 'audit', 'verify', path, '--key-file', keyFile]
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args)
    return { code: 0, output: stdout }
  } catch (cause) {
    const { code, stdout } = cause as { code: number; stdout: string }
    return { code, output: stdout }
  }
}

describe('audit lines sealed by the plugin', () => {
  const lines = () => readFileSync(file, 'utf8').trim().split('\n')

  test('are five decisions between a start and a stop', async () => {
    const events = lines().map((line) => (JSON.parse(line) as { event: string }).event)
    expect(events).toEqual([
      ...['chain_start', 'allow', 'deny', 'allow', 'deny', 'allow'],
      // At SIGTERM, and when everything in progress has ended.
      ...['chain_checkpoint', 'chain_stop'],
    ])
    const { code, output } = await verify(file)
    expect([code, output]).toEqual([0, expect.stringContaining('stopped')])
  })

  test.each([
    [
      'changed',
      (all: string[]) => all.map((line) => line.replace('"event":"deny"', '"event":"allow"')),
    ],
    ['left out', (all: string[]) => all.filter((_, at) => at !== 2)],
    [
      'moved',
      ([first = '', second = '', third = '', ...rest]: string[]) => [first, third, second, ...rest],
    ],
  ])('are noticed when one is %s', async (_, tamper) => {
    const tampered = join(folder, 'tampered.log')
    writeFileSync(tampered, `${tamper(lines()).join('\n')}\n`)
    expect((await verify(tampered)).code).toBe(1)
  })
})
