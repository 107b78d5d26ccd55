import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileSink } from '../../../lib/audit/sinks/file.ts'
import { silentLog } from '../../../lib/ports/log.ts'

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-audit-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('FileSink', () => {
  let now = 1000
  const open = (name: string, log = silentLog) =>
    new FileSink({ path: join(folder, name), log, stopwatch: () => now })

  test('appends one line each, readable by owner and group only', () => {
    const sink = open('a.log')
    sink.write('{"a":1}')
    sink.write('{"a":2}')
    sink.close()
    expect(readFileSync(join(folder, 'a.log'), 'utf8')).toBe('{"a":1}\n{"a":2}\n')
    expect(statSync(join(folder, 'a.log')).mode & 0o777).toBe(0o640 & ~process.umask())
  })

  test('continues an existing file', () => {
    open('a.log').write('{"a":3}')
    expect(readFileSync(join(folder, 'a.log'), 'utf8').trim().split('\n')).toHaveLength(3)
  })

  test('follows rotation by rename', () => {
    const sink = open('b.log')
    sink.write('before')
    renameSync(join(folder, 'b.log'), join(folder, 'b.log.1'))
    now += 2000
    sink.write('after')
    expect(readFileSync(join(folder, 'b.log.1'), 'utf8')).toBe('before\n')
    expect(readFileSync(join(folder, 'b.log'), 'utf8')).toBe('after\n')
  })

  test('throws at once when the file cannot be opened', () => {
    expect(() => open('no/such/folder')).toThrow('ENOENT')
  })

  test('reports lines it could not write, at a bounded rate, and never throws', () => {
    const error = jest.fn()
    const sink = open('c.log', { ...silentLog, error })
    sink.close()
    for (let line = 0; line < 100; line++) sink.write('x')
    expect(error).toHaveBeenCalledTimes(1)
    now += 61_000
    sink.write('x')
    expect(error).toHaveBeenLastCalledWith(
      'audit line not written',
      expect.objectContaining({ lost: 101 }),
    )
  })
})
