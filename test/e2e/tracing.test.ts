import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { EnvoyService } from '../../testkit/envoy-service.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { until } from '../../testkit/redis-server.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const PARENT = ['traceparent', `00-${TRACE}-${SPAN}-01`]
const NODE_OPTIONS = `--require=${resolve('testkit/open-telemetry.cjs')}`
const CHILDREN = [
  'oathmesh binding',
  'oathmesh policy',
  'oathmesh revocation',
  'oathmesh signature',
  'oathmesh signing key',
]

interface SpanLine {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parent?: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly status: { readonly code: number }
  readonly from: number
  readonly to: number
}

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-spans-'))
afterAll(() => {
  closeHttpCalls()
  rmSync(folder, { recursive: true })
})

function spansIn(file: string): readonly SpanLine[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as SpanLine)
}

const decisions = (file: string) => spansIn(file).filter(({ name }) => name === 'oathmesh verify')
const authorization = () => ['Authorization', `OathMesh ${freshToken()}`]

/** The spans of an allowed call within a trace, and those of a refused one without. */
async function expectSpans(file: string, trace: string | undefined): Promise<void> {
  await until(() => decisions(file).length === 2, 10_000)
  const [allowed, refused] = decisions(file)
  expect(allowed).toMatchObject({
    traceId: TRACE,
    parent: SPAN,
    attributes: { 'oathmesh.event': 'allow', 'oathmesh.step': 14, 'oathmesh.verified': true },
  })
  const children = spansIn(file).filter(({ parent }) => parent === allowed?.spanId)
  expect(children.map(({ name }) => name).sort()).toEqual(CHILDREN)
  for (const { traceId, from, to } of children) {
    expect(traceId).toBe(TRACE)
    expect(from).toBeLessThanOrEqual(to)
    expect(from).toBeGreaterThan((allowed?.from ?? 0) - 5)
    expect(to).toBeLessThan((allowed?.to ?? 0) + 5)
  }
  // A refusal is an answer, no error of ours; and a trace of its own has no parent.
  expect(refused).toMatchObject({
    status: { code: 0 },
    attributes: { 'oathmesh.event': 'deny', 'oathmesh.reason': 'authorization_missing' },
  })
  expect(refused).not.toHaveProperty('parent')
  expect(refused?.traceId).toBe(trace)
}

describe('traces', () => {
  test.each([
    ['protobuf', ['--workers', '2']],
    ['msgpack', []],
  ])(
    'of calls to Kong on %s have a span for each decision, and its costly steps',
    async (wire, more) => {
      const spans = join(folder, `${wire}.spans`)
      const audit = join(folder, `${wire}.audit`)
      const stack = await startOnLoopback({
        plugin: { flags: ['--wire', wire, ...more] },
        env: { NODE_OPTIONS, SPANS_FILE: spans },
        entities: serviceWith({
          '/items': { ...BASE_CONFIG, audit: { sink: 'file', file: audit } },
        }),
      })
      try {
        const headers = [...authorization(), ...PARENT]
        expect((await httpCall(stack.url, { path: '/items', headers })).status).toBe(200)
        expect((await httpCall(stack.url, { path: '/items' })).status).toBe(401)
        await until(() => existsSync(audit) && lines(audit).length === 2, 10_000)
        const [allowed, refused] = lines(audit)
        expect(allowed).toMatchObject({ event: 'allow', trace_id: TRACE })
        await expectSpans(spans, String(refused?.['trace_id']))
      } finally {
        await stack.stop()
      }
    },
  )

  test('of calls to Envoy as well', async () => {
    const spans = join(folder, 'envoy.spans')
    const service = await EnvoyService.start({
      policies: { items: { ...BASE_CONFIG, audit: { sink: 'kong' } } },
      flags: ['--listen-http', '127.0.0.1:0'],
      env: { NODE_OPTIONS, SPANS_FILE: spans },
    })
    try {
      const [, address] = /http (127\.0\.0\.1:\d+)/.exec(service.errors) ?? []
      const headers = [...authorization(), ...PARENT]
      const path = '/envoy/items/v1'
      expect((await httpCall(`http://${address}`, { path, headers })).status).toBe(200)
      expect((await httpCall(`http://${address}`, { path })).status).toBe(401)
      await until(() => service.output.split('\n').length === 3, 10_000)
      const [allowed, refused] = service.output.trim().split('\n').map(read)
      expect(allowed).toMatchObject({ event: 'allow', trace_id: TRACE })
      await expectSpans(spans, String(refused?.['trace_id']))
    } finally {
      await service.stop()
    }
  })

  test('need no SDK: the audit line names the trace, and no other line one', async () => {
    const audit = join(folder, 'plain.audit')
    const stack = await startOnLoopback({
      entities: serviceWith({ '/items': { ...BASE_CONFIG, audit: { sink: 'file', file: audit } } }),
    })
    try {
      const given = [
        PARENT,
        [],
        ['traceparent', `00-${TRACE}-${SPAN}-01-x`],
        [...PARENT, ...PARENT],
      ]
      for (const more of given) {
        const headers = [...authorization(), ...more]
        expect((await httpCall(stack.url, { path: '/items', headers })).status).toBe(200)
      }
      await until(() => existsSync(audit) && lines(audit).length === given.length, 10_000)
      expect(lines(audit).map((line) => line['trace_id'])).toEqual([
        TRACE,
        undefined,
        undefined,
        undefined,
      ])
      expect(Object.keys(lines(audit)[0] ?? {})).toEqual(expect.arrayContaining(['trace_id']))
    } finally {
      await stack.stop()
    }
  })
})

function read(line: string): Readonly<Record<string, unknown>> {
  return JSON.parse(line) as Record<string, unknown>
}

function lines(file: string): readonly Readonly<Record<string, unknown>>[] {
  return readFileSync(file, 'utf8').trim().split('\n').filter(Boolean).map(read)
}
