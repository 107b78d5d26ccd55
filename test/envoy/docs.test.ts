import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { parseFlags } from '../../envoy/flags.ts'
import { HELP } from '../../envoy/help.ts'
import { ENVOY } from '../../testkit/envoy.ts'
import { filterOf, shippedEnvoy } from '../../testkit/envoy-config.ts'
import { fencedBlocks } from '../docs/fenced-blocks.ts'

const PAGE = 'docs/envoy.md'
const page = readFileSync(PAGE, 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'om-envoy-docs-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Envoy reads the whole configuration and says what it does not know. */
function validate(name: string, yaml: string): void {
  const file = join(folder, `${name}.yaml`)
  writeFileSync(file, yaml)
  execFileSync(ENVOY, ['--mode', 'validate', '-c', file, '--log-level', 'error'])
}

describe(PAGE, () => {
  test('shows a start that the service takes, and the command that checks', () => {
    const [start = '', lint = ''] = (fencedBlocks(PAGE, 'sh')[0]?.text ?? '').trim().split('\n')
    const flags = parseFlags(start.split(' ').slice(1))
    expect(flags).toMatchObject({ listen: { path: '/run/oathmesh/oathmesh.sock' } })
    const [program, ...args] = lint.split(' ')
    expect(program).toBe('oathmesh')
    const cli = resolve('dist/bin/oathmesh.cjs')
    const run = execFileSync(process.execPath, [cli, ...args], { cwd: 'envoy', encoding: 'utf8' })
    expect(run).toBe('envoy.yaml: nothing passes undecided by 1 ext_authz filter\n')
  })

  test('shows an http_service that Envoy takes', () => {
    const [block] = fencedBlocks(PAGE, 'yaml http_service')
    const places = { upstreamUrl: 'http://127.0.0.1:1', sockets: ['/run/a.sock'] }
    validate(
      'http-service',
      shippedEnvoy(places, (_, manager) => {
        const filter = filterOf(manager, 'envoy.filters.http.ext_authz')
        delete filter.grpc_service
        Object.assign(filter, parse(block?.text ?? ''))
      }),
    )
  })

  test('what ships is what Envoy takes, as it is', () => {
    validate('shipped', readFileSync('envoy/envoy.yaml', 'utf8'))
  })

  test.each(['istio', 'gateway', 'contour'])('closes on a failure in the block for %s', (kind) => {
    const [block] = fencedBlocks(PAGE, `yaml ${kind}`)
    const text = JSON.stringify(parse(block?.text ?? ''))
    expect(text).toMatch(/"failOpen":false/)
    expect(text).toMatch(/"\/envoy\/default"|"oathmesh":"default"/)
  })

  test('names files that are there', () => {
    const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link)
    expect(links.filter((link) => !existsSync(join('docs', link)))).toEqual([])
  })

  test('names flags that are there', () => {
    const flags = [...page.matchAll(/`(--[a-z-]+)/g)].map(([, flag = '']) => flag)
    expect(flags.length).toBeGreaterThan(5)
    expect(flags.filter((flag) => !HELP.includes(flag))).toEqual([])
  })
})
