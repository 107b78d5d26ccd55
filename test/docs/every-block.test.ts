import { readdirSync, readFileSync } from 'node:fs'
import { fencedBlocks } from './fenced-blocks.ts'

/** Nothing to run. */
const PICTURE = 'mermaid'
const SHELL = 'test/docs/shell.test.ts'
const CONFIGURATION = 'test/docs/configuration.test.ts'
const COOKBOOK = 'test/lib/policy/cookbook.test.ts'
const ENVOY = 'test/envoy/docs.test.ts'
const SNIPPETS = 'test/kong/snippets.test.ts'
const BENCH = 'test/bench/docs.test.ts'
const MIGRATION = 'test/e2e/migration.test.ts'

/** The test that runs or validates every block of that kind on that page. */
const TESTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'README.md': {
    sh: SHELL,
    yaml: CONFIGURATION,
    ini: CONFIGURATION,
    ts: 'test/sdk/node/package.test.ts',
  },
  'docs/audit.md': { json: CONFIGURATION, sh: 'test/cli/audit/docs.test.ts' },
  'docs/benchmarks.md': { text: BENCH },
  'docs/scaling.md': { text: BENCH },
  'docs/cli.md': { sh: 'test/cli/docs.test.ts', text: 'test/cli/docs.test.ts' },
  'docs/client.md': { ts: 'test/sdk/node/package.test.ts' },
  'docs/deploy.md': { sh: SHELL, ini: 'test/kong/other-supervisor.test.ts' },
  'docs/verify.md': { ts: 'test/sdk/node/package.test.ts' },
  'docs/envoy.md': {
    sh: ENVOY,
    'yaml http_service': ENVOY,
    'yaml istio': ENVOY,
    'yaml gateway': ENVOY,
    'yaml contour': ENVOY,
  },
  'docs/explorer.md': {
    sh: 'test/explorer/page.test.ts',
    'sh own': 'test/e2e/first-minutes.test.ts',
  },
  'docs/guard.md': { sh: SHELL },
  'docs/issuer.md': {
    sh: SHELL,
    'sh backup': 'test/issuer/keys/backup.test.ts',
    'sh restore': 'test/issuer/keys/backup.test.ts',
    json: SHELL,
    yaml: 'test/issuer/docs.test.ts',
    text: 'test/cli/issuer/explain.test.ts',
    ini: 'test/examples/systemd.test.ts',
  },
  'docs/kubernetes.md': { sh: 'test/kong/kubernetes/docs.test.ts' },
  'docs/metrics.md': { yaml: 'test/e2e/metrics.test.ts' },
  'docs/konnect.md': { sh: SHELL, yaml: 'test/kong/konnect.test.ts' },
  'docs/migrate-from-key-auth.md': {
    'yaml stage=observe': MIGRATION,
    'yaml stage=both': MIGRATION,
    'yaml stage=enforce': MIGRATION,
    'yaml stage=remove': MIGRATION,
  },
  'docs/plugin-server.md': { ini: CONFIGURATION, sh: SHELL },
  'docs/policy.md': {
    yaml: CONFIGURATION,
    json: COOKBOOK,
    pkl: CONFIGURATION,
    sh: SHELL,
    'json policy': COOKBOOK,
    'json cases': COOKBOOK,
    'pkl policy': COOKBOOK,
  },
  'docs/protocol.md': { sh: 'test/docs/protocol.test.ts', text: 'test/docs/protocol.test.ts' },
  'docs/snippets.md': { sh: SNIPPETS, yaml: SNIPPETS, hcl: SNIPPETS },
  'docs/releases.md': { sh: 'test/e2e/release.test.ts' },
  'docs/runbook.md': { sh: 'test/docs/runbook.test.ts', promql: 'test/e2e/alerts.test.ts' },
  'docs/replay-and-revocation.md': { redis: 'test/lib/replay/redis-access.test.ts', sh: SHELL },
}

const PAGES = ['README.md', 'SECURITY.md', ...readdirSync('docs').map((file) => `docs/${file}`)]
const blocks = PAGES.filter((page) => page.endsWith('.md'))
  .flatMap((page) => fencedBlocks(page))
  .filter(({ info }) => info !== PICTURE)

describe('the blocks of the pages', () => {
  test.each(blocks)('$page, line $line ($info), is run by a test', ({ page, info }) => {
    const file = TESTS[page]?.[info]
    expect(file).toBeDefined()
    expect(readFileSync(file ?? page, 'utf8').includes(page)).toBe(true)
  })

  test('are of no kind that has gone', () => {
    const kinds = Object.entries(TESTS).flatMap(([page, tests]) =>
      Object.keys(tests).map((info) => `${page} ${info}`),
    )
    const found = new Set(blocks.map(({ page, info }) => `${page} ${info}`))
    expect(kinds.filter((kind) => !found.has(kind))).toEqual([])
  })
})
