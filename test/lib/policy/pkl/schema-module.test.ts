import { readFileSync } from 'node:fs'
import { SCHEMA_MODULE } from '../../../../lib/policy/pkl/schema-module.ts'

test('the schema module in the program is the one that ships for editors', () => {
  const shipped = new URL('../../../../schema/pkl/oathmesh-policy.pkl', `file://${__filename}`)
  expect(SCHEMA_MODULE).toBe(readFileSync(shipped, 'utf8'))
})
