import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const ROOT = resolve(__dirname, '../..')

interface Probe {
  readonly fact: string
  readonly file: string
  readonly source: string
  /** The rule that must speak; `null` where nothing may. */
  readonly rule: string | null
}

// biome-ignore format: reads as a table
const PROBES: readonly Probe[] = [
  { fact: 'the core takes nothing from a gateway',      file: 'lib/verify/probe-a.ts',         source: take('../../plugins/oathmesh/kong.ts'),       rule: 'noRestrictedImports' },
  { fact: 'the core takes nothing from Envoy',          file: 'lib/gateway/probe-b.ts',        source: take('../../envoy/answer.ts'),                rule: 'noRestrictedImports' },
  { fact: 'the core takes nothing from the issuer',     file: 'lib/keys/probe-c.ts',           source: take('../../issuer/index.ts'),                rule: 'noRestrictedImports' },
  { fact: 'the core takes nothing from the Node SDK',   file: 'lib/token/probe-d.ts',          source: take('../../sdk/node/client.ts'),             rule: 'noRestrictedImports' },
  { fact: 'the core takes nothing from the schemas',    file: 'lib/probe-e.ts',                source: take('../schema/parse-config.ts'),            rule: 'noRestrictedImports' },
  { fact: 'the core has never heard of the kit',        file: 'lib/verify/probe-f.ts',         source: take('kong-pdk'),                             rule: 'noRestrictedImports' },
  { fact: 'the core reads no environment',              file: 'lib/redis/probe-g.ts',          source: 'export const home = process.env\n',          rule: 'noProcessEnv' },
  { fact: 'the core asks a port for time',              file: 'lib/replay/probe-h.ts',         source: 'export const now = new Date()\n',            rule: 'noRestrictedGlobals' },
  { fact: 'a step reads no file',                       file: 'lib/verify/steps/probe-i.ts',   source: take('node:fs'),                              rule: 'noRestrictedImports' },
  { fact: 'a step opens no connection',                 file: 'lib/verify/steps/probe-j.ts',   source: take('ioredis'),                              rule: 'noRestrictedImports' },
  { fact: 'a rule of a policy reads no file',           file: 'lib/policy/probe-k.ts',         source: take('node:fs/promises'),                     rule: 'noRestrictedImports' },
  { fact: 'the Kong plugin takes nothing from a host',  file: 'plugins/oathmesh/probe-l.ts',   source: take('../pluginserver/dump.ts'),              rule: 'noRestrictedImports' },
  { fact: 'the plugin server knows no plugin',          file: 'plugins/pluginserver/probe-m.ts', source: take('../oathmesh/handler.ts'),             rule: 'noRestrictedImports' },
  { fact: 'Envoy takes nothing from Kong',              file: 'envoy/probe-n.ts',              source: take('../plugins/oathmesh/kong.ts'),          rule: 'noRestrictedImports' },
  { fact: 'the issuer takes nothing from the terminal', file: 'issuer/probe-o.ts',             source: take('../cli/terminal/io.ts'),                rule: 'noRestrictedImports' },
  { fact: 'the Node SDK carries no Redis',              file: 'sdk/node/probe-p.ts',           source: take('../../lib/redis/redis.ts'),             rule: 'noRestrictedImports' },
  { fact: 'the Node verifier knows no gateway',         file: 'sdk/node/verify/probe-w.ts',    source: take('../../../plugins/oathmesh/kong.ts'),    rule: 'noRestrictedImports' },
  { fact: 'the Node verifier does not call',            file: 'sdk/node/verify/probe-x.ts',    source: take('../client.ts'),                         rule: 'noRestrictedImports' },
  { fact: 'the Node verifier may ask the core',         file: 'sdk/node/verify/probe-y.ts',    source: take('../../../lib/index.ts'),                rule: null },
  { fact: 'the local gateway runs no plugin itself',    file: 'kong/local-gateway/probe-q.ts', source: take('../../plugins/oathmesh/handler.ts'),    rule: 'noRestrictedImports' },
  { fact: 'nothing that ships needs the testkit',       file: 'cli/probe-r.ts',                source: take('../testkit/keys.ts'),                   rule: 'noRestrictedImports' },
  { fact: 'the explorer plays on what it is given',     file: 'explorer/probe-z.ts',           source: take('../issuer/index.ts'),                   rule: 'noRestrictedImports' },
  { fact: 'a file has at most 250 lines',               file: 'lib/probe-s.ts',                source: 'export {}\n'.repeat(251),                    rule: 'noExcessiveLinesPerFile' },
  { fact: 'no file imports in a circle',                file: 'lib/probe-t.ts',                source: "import { b } from './probe-u.ts'\nexport const a = () => b\n", rule: 'noImportCycles' },
  { fact: 'no file imports in a circle, from behind',   file: 'lib/probe-u.ts',                source: "import { a } from './probe-t.ts'\nexport const b = () => a\n", rule: 'noImportCycles' },
  { fact: 'a gateway may ask the core',                 file: 'plugins/oathmesh/probe-v.ts',   source: take('../../lib/index.ts'),                   rule: null },
]

function take(specifier: string): string {
  return `import * as probe from '${specifier}'\n\nexport const used = probe\n`
}

/** Each rule of biome.json that keeps the folders apart bites, in a copy of the house with one probe a rule. */
describe('the linter', () => {
  const house = mkdtempSync(join(tmpdir(), 'oathmesh-house-'))
  let findings: Map<string, Set<string>>

  beforeAll(() => {
    copyFileSync(join(ROOT, 'biome.json'), join(house, 'biome.json'))
    copyFileSync(join(ROOT, '.gitignore'), join(house, '.gitignore'))
    symlinkSync(join(ROOT, 'node_modules'), join(house, 'node_modules'))
    for (const { file, source } of PROBES) {
      mkdirSync(dirname(join(house, file)), { recursive: true })
      writeFileSync(join(house, file), source)
    }
    spawnSync('git', ['init', '--quiet'], { cwd: house })
    findings = lint(house)
  })
  afterAll(() => rmSync(house, { recursive: true }))

  test.each(PROBES)('$fact', ({ file, rule }) => {
    const found = [...(findings.get(file) ?? [])]
    if (rule === null) expect(found).toEqual([])
    else expect(found).toContain(rule)
  })
})

/** The rules that spoke, by file. */
function lint(house: string): Map<string, Set<string>> {
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome')
  const options = ['lint', '--max-diagnostics=none', '--reporter=json', '.']
  const run = spawnSync(process.execPath, [biome, ...options], { cwd: house, encoding: 'utf8' })
  const found = new Map<string, Set<string>>()
  const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: readonly Diagnostic[] }
  for (const { category, location } of diagnostics) {
    const rules = found.get(location.path) ?? new Set()
    found.set(location.path, rules.add(category.split('/').at(-1) ?? category))
  }
  return found
}

interface Diagnostic {
  readonly category: string
  readonly location: { readonly path: string }
}
