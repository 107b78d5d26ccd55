import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Implementation } from '../../testkit/conformance/implementation.ts'
import { type Matrix, matrixOf } from '../../testkit/conformance/matrix.ts'
import { matrixText, summary } from '../../testkit/conformance/matrix-text.ts'
import { expectedOutcome, type Row } from '../../testkit/conformance/outcome.ts'
import { IMPLEMENTATIONS, runConformance } from '../../testkit/conformance/run-conformance.ts'
import { readSignatureVectors } from '../../testkit/signature-vectors.ts'
import { readVectors } from '../../testkit/vectors.ts'

const files = readVectors()
const signatures = readSignatureVectors()
const rightCalls: readonly Row[] = files.flatMap(({ file, cases }) =>
  cases.map((vector) => ({ file, name: vector.name, got: expectedOutcome(vector) })),
)
const right: readonly Row[] = [
  ...rightCalls,
  ...signatures.map(({ file, name, result }) => ({ file, name, got: result })),
]

/** An implementation that gives these rows. */
const giving = (rows: readonly Row[], more: Partial<Implementation> = {}): Implementation => {
  return { name: 'one', run: async () => rows, ...more }
}
const tableOf = (...rows: readonly (readonly Row[])[]) =>
  matrixOf(
    files,
    signatures,
    rows.map((given) => ({ implementation: giving(given), rows: given })),
  )

describe('every implementation', () => {
  let matrix: Matrix
  beforeAll(async () => {
    matrix = await runConformance()
  }, 600_000)

  test('is in the matrix: core, both wires of Kong, Envoy, Node, Go and Python', () => {
    expect(matrix.implementations).toEqual([
      'core',
      'kong-protobuf',
      'kong-msgpack',
      'envoy',
      'node',
      'go',
      'python',
    ])
    expect(matrix.rows.length).toBe(right.length)
    for (const { cells } of matrix.rows) {
      expect(Object.keys(cells)).toEqual(matrix.implementations)
    }
  })

  test('decides every vector alike', () => {
    const differing = matrix.rows.filter(({ cells }) =>
      Object.values(cells).some(({ verdict }) => verdict === 'differs'),
    )
    expect([differing, matrix.unknown, matrix.differences]).toEqual([[], [], 0])
  })

  test('decides for itself, but for what Kong and Envoy answer before they ask', () => {
    const before = matrix.rows.flatMap(({ name, cells }) =>
      Object.entries(cells)
        .filter(([, { verdict }]) => verdict === 'before')
        .map(([implementation]) => `${implementation}: ${name}`),
    )
    const kongs = [
      'another path with NUL',
      'another path with incomplete encoding',
      'another path with overlong UTF-8',
      'two headers',
      'two headers of different schemes',
    ]
    const envoys = [
      'Connection names an identity header',
      'Connection names an identity header with underscores',
      'Connection names authorization',
      'Connection names the decision marker',
      'another path with a fragment',
    ]
    expect(before.toSorted()).toEqual(
      [
        ...envoys.map((name) => `envoy: ${name}`),
        ...kongs.map((name) => `kong-msgpack: ${name}`),
        ...kongs.map((name) => `kong-protobuf: ${name}`),
      ].toSorted(),
    )
    expect(matrix.before).toBe(before.length)
  })

  test('judges every signature, but for gateways, which take whole tokens only', () => {
    const apart = matrix.rows.flatMap(({ file, name, cells }) =>
      Object.entries(cells)
        .filter(([, { verdict }]) => verdict === 'apart')
        .map(([implementation]) => `${implementation}: ${file}: ${name}`),
    )
    const gateways = ['kong-protobuf', 'kong-msgpack', 'envoy']
    expect(apart.filter((cell) => !gateways.some((name) => cell.startsWith(`${name}: `)))).toEqual(
      [],
    )
    expect(apart.length).toBe(gateways.length * signatures.length)
    expect(matrix.apart).toBe(apart.length)
  })
})

describe('every signature', () => {
  test('is one that must be taken, or one that must not', () => {
    const counts = new Map<string, number>()
    for (const { result } of signatures) counts.set(result, (counts.get(result) ?? 0) + 1)
    expect(Object.fromEntries(counts)).toEqual({ valid: 24, invalid: 93, key_refused: 21 })
  })

  const said = (rows: readonly Row[], tokensOnly: boolean) =>
    matrixOf(files, signatures, [{ implementation: giving(rows, { tokensOnly }), rows }])
  const without = (left: typeof signatures) =>
    right.filter((row) => !left.some((one) => one.file === row.file && one.name === row.name))

  test('counts as not applicable where whole tokens alone are taken, never as agreement', () => {
    const matrix = said(rightCalls, true)
    expect([matrix.differences, matrix.apart]).toEqual([0, signatures.length])
    expect(summary(matrix)).toContain(`${signatures.length} not applicable`)
    expect(matrixText(matrix)).toMatch(/^ed25519: .* key_refused +-$/m)
  })

  test('must be judged by whatever takes more than that', () => {
    expect(said(rightCalls, false).differences).toBe(signatures.length)
  })

  test.each(signatures)('is told where it is judged otherwise: $file: $name', (vector) => {
    const others = (['valid', 'invalid', 'key_refused'] as const).filter(
      (judgement) => judgement !== vector.result,
    )
    for (const got of [...others, 'allow' as const, { code: 'claim_missing:aud', step: 11 }]) {
      const rows = [...without([vector]), { file: vector.file, name: vector.name, got }]
      for (const tokensOnly of [false, true]) {
        const matrix = said(rows, tokensOnly)
        expect(matrix.differences).toBe(1)
        expect(matrixText(matrix)).toMatch(/^ {4}one says: /m)
      }
    }
  })
})

describe('the matrix', () => {
  const [first] = right
  if (first === undefined) throw new Error('no vectors')

  test('has no difference where all agree', () => {
    expect(summary(tableOf(right))).toBe(
      `${right.length} rows x 1 implementations: 0 differences, 0 decided before the implementation, 0 not applicable`,
    )
  })

  test.each<[string, readonly Row[]]>([
    [
      'another outcome',
      [{ ...first, got: { code: 'policy_denied', step: 14 } }, ...right.slice(1)],
    ],
    ['an allow in place of a refusal', right.map((row) => ({ ...row, got: 'allow' as const }))],
    ['another step', right.map((row) => ({ ...row, got: withStep(row.got) }))],
    ['a missing row', right.slice(1)],
    ['a row of no case', [...right, { ...first, name: 'nobody’s' }]],
    ['a bare answer of another status', [{ ...first, got: { status: 418 } }, ...right.slice(1)]],
  ])('counts %s', (_, rows) => {
    const matrix = tableOf(rows)
    expect(matrix.differences).toBeGreaterThan(0)
    expect(matrixText(matrix)).toMatch(/ says: |no case of the vectors: /)
  })

  test('takes nothing as decided before that was not', () => {
    const implementation = giving(right, { before: { [first.name]: { status: 418 } } })
    expect(matrixOf(files, signatures, [{ implementation, rows: right }]).differences).toBe(1)
  })

  function withStep(got: Row['got']): Row['got'] {
    return typeof got === 'object' && 'code' in got ? { ...got, step: (got.step ?? 0) + 1 } : got
  }
})

describe('an implementation that cannot be run', () => {
  test('is no agreement', async () => {
    const broken = giving([], { run: () => Promise.reject(new Error('not installed')) })
    await expect(runConformance([broken])).rejects.toThrow(
      'one cannot be run: Error: not installed',
    )
  })
})

describe('npm run conformance', () => {
  const run = promisify(execFile)
  const main = (...args: readonly string[]) =>
    run(process.execPath, ['node_modules/.bin/tsx', 'testkit/conformance/main.ts', ...args])

  test('prints the matrix, as text and as JSON', async () => {
    const { stdout } = await main('--only', 'core')
    expect(stdout).toMatch(/^time: lifetime of 301 s +token_expired 8 +=$/m)
    expect(stdout).toContain(`${right.length} rows x 1 implementations: 0 differences`)
    const { rows, differences } = JSON.parse((await main('--only', 'core', '--json')).stdout)
    expect([rows.length, differences]).toEqual([right.length, 0])
  })

  test('knows the implementations by name', async () => {
    await expect(main('--only', 'cobol')).rejects.toMatchObject({ code: 2 })
    expect(IMPLEMENTATIONS.length).toBe(7)
  })
})
