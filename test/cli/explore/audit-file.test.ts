import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditFile } from '../../../cli/explore/audit-file.ts'
import { InputError } from '../../../cli/terminal/input-error.ts'

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-audit-file-'))
const path = join(folder, 'audit.log')
afterAll(() => rmSync(folder, { recursive: true }))

const lineOf = (jti: string, step = 14) =>
  `{"ts":"2026-11-26T02:07:01.967Z","event":"allow","step":${step},"jti":"${jti}"}`
const IN_KONGS_LOG = '2026/11/26 02:07:01 [notice] 7#0: *3 [kong] pb_rpc.lua:380 [oathmesh] '

describe('an audit file that grows', () => {
  let file: AuditFile
  beforeEach(async () => {
    writeFileSync(path, `${lineOf('a')}\n`)
    file = await AuditFile.open(path)
  })

  test('gives the line of a token that is written behind a place', async () => {
    const start = await file.end()
    appendFileSync(path, `not ours\n${lineOf('b')}\n${lineOf('a', 13)}\n`)
    expect(await file.lineOf('a', start)).toBe(lineOf('a', 13))
  })

  test('waits for a line, and for the end of it', async () => {
    const start = await file.end()
    const line = file.lineOf('late', start)
    appendFileSync(path, lineOf('late').slice(0, 40))
    setImmediate(() => appendFileSync(path, `${lineOf('late').slice(40)}\n`))
    expect(await line).toBe(lineOf('late'))
  })

  test('is read in Kong’s error log as well', async () => {
    appendFileSync(path, `${IN_KONGS_LOG}${lineOf('kong')}, client: 127.0.0.1\n`)
    expect(await file.lineOf('kong', 0)).toBe(lineOf('kong'))
  })

  test('that has been replaced by a shorter one is read from its beginning', async () => {
    appendFileSync(path, `${lineOf('x')}\n`)
    const start = await file.end()
    writeFileSync(path, `${lineOf('new')}\n`)
    expect(await file.lineOf('new', start)).toBe(lineOf('new'))
  })

  test('has no line of a call that was not decided on', async () => {
    expect(await file.lineOf('a', await file.end())).toBeUndefined()
  })

  test('that is not there is named', async () => {
    await expect(AuditFile.open(join(folder, 'none'))).rejects.toThrow(InputError)
  })
})
