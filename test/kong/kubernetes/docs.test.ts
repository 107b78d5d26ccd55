import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inProcess } from '../../cli/kong/execute.ts'
import { fencedBlocks } from '../../docs/fenced-blocks.ts'

const PAGE = 'docs/kubernetes.md'
const lines = fencedBlocks(PAGE, 'sh').flatMap(({ text }) => text.trim().split('\n'))

/** The first word, and what it does. */
const KNOWN: Readonly<Record<string, RegExp>> = {
  docker: /^docker build .*--target plugin-server /,
  kubectl: /^kubectl (?:--namespace [a-z]+ )?(?:create|apply|annotate|get) /,
  helm: /^helm install kong kong\/kong --namespace kong /,
  oathmesh: /^oathmesh (?:kong|keys) /,
}

describe(PAGE, () => {
  test.each(lines)('%s', async (line) => {
    expect(line).toMatch(KNOWN[line.split(' ')[0] ?? ''] ?? /nothing/)
    const own = /oathmesh (kong [^|]*)/.exec(line)
    if (own === null) return
    const ran = await inProcess({ args: own[1]?.trim().split(' ') ?? [], stdin: undefined }, '.')
    expect([ran.exitCode, ran.stderr]).toEqual([0, ''])
    expect(ran.stdout).toContain('apiVersion: configuration.konghq.com/v1')
  })

  test('names files that there are, and every one of the folder', () => {
    const text = readFileSync(PAGE, 'utf8')
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link)
    const named = [...lines.join('\n').matchAll(/(?:kong|dist)\/[\w/.-]+\.(?:yaml|cjs)/g)].map(
      ([file]) => file,
    )
    for (const file of [
      ...links.map((link) => join(dirname(PAGE), link)),
      ...named,
      'kong/Dockerfile',
    ]) {
      expect([file, existsSync(file)]).toEqual([file, true])
    }
    expect(readFileSync('kong/Dockerfile', 'utf8')).toContain('AS plugin-server')
  })
})
