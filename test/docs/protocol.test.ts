import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type BoundMode, requestHash } from '../../lib/binding/request-hash.ts'
import { REFUSALS } from '../../lib/denial.ts'
import { paste } from './paste.ts'

const page = readFileSync(resolve('docs/protocol.md'), 'utf8')
const [, shell = '', printed = ''] = /```sh\n(.*?)```\n\n```text\n(.*?)```/s.exec(page) ?? []
const BODY = '{"sku":"A-1","qty":2}'

const vectors = [...page.matchAll(/^\| `(\w+)` \| `(\w+) (\S+)`, (.*?) \| `(sha256:\w+)` \|$/gm)]

describe('docs/protocol.md', () => {
  test('has a shell function that prints what it says', async () => {
    const { output, exitCode } = await paste(shell, { cwd: '.' })
    expect([output, exitCode]).toEqual([printed, 0])
  })

  test('has vectors of every mode', () => {
    expect(new Set(vectors.map(([, mode]) => mode))).toEqual(
      new Set(['strict', 'method_path_body', 'body']),
    )
  })

  test.each(vectors.map(([, ...columns]) => columns))(
    'hashes %s of %s %s with %s to %s',
    (mode = '', method = '', target = '', body = '', rqh = '') => {
      const [rawPath = '', rawQuery = ''] = target.split('?')
      const bytes = Buffer.from(body === 'no body' ? '' : BODY)
      expect(requestHash(mode as BoundMode, { method, rawPath, rawQuery }, bytes)).toBe(rqh)
    },
  )

  test('hashes the same in a shell as in the core, whatever the request', async () => {
    const line = { method: 'PUT', rawPath: "/a%20b/'x'/%2F", rawQuery: "q=1&r=%0A'" }
    const [definition = ''] = shell.split('\nprintf')
    const call = `printf 'x\\ny\\n' | rqh "$1" "$2" "$3"`
    const script = `${definition}\nset -- PUT "/a%20b/'x'/%2F" "q=1&r=%0A'"\n${call}`
    const { output } = await paste(script, { cwd: '.' })
    expect(output.trim()).toBe(requestHash('strict', line, Buffer.from('x\ny\n')))
  })

  test('says of every error with which status it comes', () => {
    const table = page.split('## The gateway')[1] ?? ''
    for (const { code, status } of Object.values(REFUSALS)) {
      expect(table).toContain(`| ${status} |`)
      const named = table.includes(`\`${code}\``) || table.includes('| 401 | others |')
      expect([code, named]).toEqual([code, true])
    }
  })
})
