import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const ROOT = resolve(__dirname, '../..')

test('the demo shows what it promises and ends by itself', async () => {
  const tsx = join(ROOT, 'node_modules/.bin/tsx')
  const { stdout } = await promisify(execFile)(tsx, ['demo/main.ts'], { cwd: ROOT })
  expect(stdout).not.toContain('✖')
  expect(stdout.match(/✔/g)).toHaveLength(9)
  for (const step of [13, 6, 8, 10, 14]) expect(stdout).toContain(`refused at step ${step}`)
  expect(stdout.trim().split('\n').at(-1)).toBe('All as it should be.')
  // No colour where nobody looks.
  expect(stdout).not.toContain('\u001b[')
})
