import {
  bodyOf,
  configOf,
  readVectors,
  tokenOf,
  VECTOR_NOW,
  type Vector,
} from '../../../testkit/vectors.ts'
import { CommandFolder } from '../command-folder.ts'
import { readOutput } from '../output-schema.ts'

const GATEWAYS_OWN = new Set(['replay_history_unknown', 'policy_not_loaded'])

/** What only a gateway has: other headers, a memory, a list of revoked subjects, a file that may come later. */
function needsGateway(vector: Vector): boolean {
  const { authorization, connection, headers, before, revoked, uses = 0, expect } = vector
  const history = expect !== 'allow' && GATEWAYS_OWN.has(expect.reason ?? '')
  const own = [authorization, connection, headers, before, revoked].some((it) => it !== undefined)
  // The command takes the target of a request as people write it, without a fragment.
  const fragment = vector.request?.path.includes('#') === true
  return own || history || fragment || uses > 1
}

/** A bare token without a scheme is not one that a caller could send. */
function hasToken(vector: Vector): boolean {
  return /^[^\s,]+$/.test(tokenOf(vector))
}

const files = readVectors()
  .filter(({ isolated }) => !isolated)
  .map(({ file, cases }) => ({
    file,
    cases: cases.filter((vector) => !needsGateway(vector) && hasToken(vector)),
  }))
  .filter(({ cases }) => cases.length > 0)

let folder: CommandFolder
beforeAll(() => {
  folder = new CommandFolder()
})
afterAll(() => folder.remove())

describe.each(files)('explain names the step of the gateway: $file', ({ cases }) => {
  test.each(cases)('$name', async (vector) => {
    const { now = VECTOR_NOW, request, uses = 0 } = vector
    const { method = 'GET', path = '/' } = request ?? {}
    const plugins = [{ name: 'oathmesh', config: configOf(vector) }]
    folder.write('kong.yml', JSON.stringify({ _format_version: '3.0', plugins }))
    folder.write('token.txt', `OathMesh ${tokenOf(vector)}`)
    const args = ['explain', '--config', 'kong.yml', '--json', '@token.txt']
    const asked = ['--request', `${method} ${path}`, '--body', '-', ...(uses > 0 ? ['--used'] : [])]
    const written = await folder.run([...args, '--at', String(now), ...asked], bodyOf(vector))
    const { outcome, refusal } = readOutput('explain', written.stdout) as Explained
    if (vector.expect === 'allow') {
      expect([outcome, written.exitCode]).toEqual(['allow', 0])
      return
    }
    const { code, step, status = 401 } = vector.expect
    expect([refusal?.code, refusal?.step, refusal?.status]).toEqual([code, step, status])
    expect(written.exitCode).toBe(1)
  })
})

interface Explained {
  readonly outcome: string
  readonly refusal?: { readonly code: string; readonly step?: number; readonly status: number }
}

test('most vectors are told by explain', () => {
  const all = readVectors().flatMap(({ cases }) => cases).length
  expect(files.flatMap(({ cases }) => cases).length).toBeGreaterThan(all / 2)
})
