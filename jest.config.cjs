/** What takes minutes by design, and runs beside the rest of them in `testkit/run-all.mjs`. */
const LONG = ['test/conformance/', 'test/fuzz/', 'test/e2e/alerts', 'test/explorer/']

/** What takes real servers, the built programs or a while; everything else is a unit. */
const E2E = [
  'test/e2e/',
  'test/kong/',
  'test/weaknesses/',
  'test/docs/',
  'test/bench/docs',
  'test/plugins/',
  'test/issuer/',
  'test/examples/callers',
  'test/envoy/',
  'test/sdk/node/(real-issuer|package)',
  'test/cli/(kong|revocation|issuer)/',
  'test/(.*/)?(docs|conventions|cookbook)\\.test\\.ts$',
  'test/schema/audit-event',
  'test/cli/(explain|call|init)/',
  'test/lib/redis/',
  'test/lib/replay/redis-',
  'test/lib/keys/(connection|outage|rotation|purge|ed25519)',
  'test/lib/policy/(pkl/|policy-file)',
  'test/lib/revocation/redis-',
]

/** Options that jest takes for each project by itself. */
const shared = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json'],
  transform: { '\\.(ts|js|mjs)$': '<rootDir>/testkit/esbuild-transform.cjs' },
  transformIgnorePatterns: ['/node_modules/(?!(jose|chokidar|readdirp)/)', '<rootDir>/dist/'],
  moduleNameMapper: { '^fast-check$': '<rootDir>/testkit/fast-check.cjs' },
  setupFiles: ['<rootDir>/testkit/at-root.cjs'],
}

module.exports = {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', ...[...LONG, ...E2E].map((path) => `/${path}`)],
    },
    {
      ...shared,
      displayName: 'e2e',
      testRegex: E2E.map((path) => `/${path}${path.endsWith('$') ? '' : '.*\\.test\\.ts$'}`),
      testPathIgnorePatterns: ['/node_modules/', ...LONG.map((path) => `/${path}`)],
      globalSetup: '<rootDir>/testkit/built.cjs',
    },
    {
      ...shared,
      displayName: 'long',
      testRegex: LONG.map((path) => `/${path}.*\\.test\\.ts$`),
      globalSetup: '<rootDir>/testkit/built.cjs',
    },
  ],
  // The long form of a property takes as many times as long.
  testTimeout: 60_000 * Math.max(1, Number(process.env.OATHMESH_TIMES ?? 1)),
  reporters: ['default', '<rootDir>/testkit/count-reporter.cjs'],
  maxWorkers: 1,
}
