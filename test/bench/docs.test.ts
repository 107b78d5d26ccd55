import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { parseConfig } from '../../schema/parse-config.ts'
import { fencedBlocks } from '../docs/fenced-blocks.ts'

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: Record<string, string>
}
const PAGES = ['docs/benchmarks.md', 'docs/scaling.md'] as const
const text = PAGES.map((page) => readFileSync(page, 'utf8')).join('\n')
const commands = PAGES.flatMap((page) => fencedBlocks(page))
  .filter(({ info }) => info === 'text')
  .flatMap(({ text: block }) => block.split('\n'))
  .filter((line) => line.startsWith('npm run'))

/** Runs what `npm run` would, without building. */
function run(command: string): string {
  const [, name = '', flags = ''] = /run(?: --silent)? (\S+)(?: -- ([^>]*))?/.exec(command) ?? []
  const [file = ''] = /bench\/\S+\.ts/.exec(scripts[name] ?? '') ?? []
  const args = ['tsx', file, ...flags.trim().split(/\s+/)]
  return execFileSync('npx', args, { stdio: ['ignore', 'pipe', 'inherit'] }).toString()
}

describe('the pages about speed', () => {
  test('name every command there is, and none that is not', () => {
    const there = Object.keys(scripts).filter((name) => name.startsWith('bench:'))
    const named = new Set(
      Array.from(text.matchAll(/npm run (?:--silent )?(bench:\w+)/g), ([, name]) => name),
    )
    expect([...named].sort()).toEqual(there.sort())
  })

  test('give the figures of the fleet that the command gives', () => {
    const command = commands.find((line) => line.includes('bench:fleet')) ?? ''
    const rows = run(command)
      .split('\n')
      .filter((line) => line.startsWith('|'))
    expect(rows.length).toBe(5)
    for (const row of rows) expect(text).toContain(`${row}\n`)
  })

  test('give a configuration for any Kong', () => {
    const command = commands.find((line) => line.includes('--print-config')) ?? ''
    const { services } = parse(run(command)) as {
      services: { routes: { paths: string[]; plugins: { config: object }[] }[] }[]
    }
    const routes = services.flatMap((service) => service.routes)
    expect(routes.map(({ paths }) => paths[0])).toEqual(
      expect.arrayContaining(['/no-plugin', '/memory', '/redis', '/bound-to-64-kb']),
    )
    for (const { plugins } of routes) {
      for (const { config } of plugins) expect(() => parseConfig(config)).not.toThrow()
    }
  })

  test('give commands that go with it', () => {
    for (const command of commands) {
      const [, name = ''] = /run(?: --silent)? (\S+)/.exec(command) ?? []
      const [file = ''] = /bench\/\S+\.ts/.exec(scripts[name] ?? '') ?? []
      const source = readFileSync(file, 'utf8')
      for (const [, flag = ''] of command.matchAll(/ --([a-z][\w-]*) /g)) {
        if (flag !== 'silent')
          expect(source).toMatch(new RegExp(`^\\s+'?${flag}'?: \\{ type:`, 'm'))
      }
    }
  })
})
