import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadDocument } from '../../../lib/policy/load-document.ts'
import { readPolicy } from '../../../schema/read-policy.ts'

test('a policy file of more than 8 MiB is refused', async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'policy-')))
  const path = join(folder, 'large.json')
  writeFileSync(path, ' '.repeat(8 * 1024 * 1024 + 1))
  await expect(loadDocument(path, readPolicy)).rejects.toThrow(/larger|bytes|MiB/)
  rmSync(folder, { recursive: true })
})
