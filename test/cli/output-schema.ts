import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'

const schema = JSON.parse(readFileSync(resolve('schema/cli-output.schema.json'), 'utf8')) as object
const ajv = new Ajv2020({ allErrors: true, strict: false }).addSchema({ ...schema, $id: 'cli' })

/** What a command prints with `--json`. */
export type Output =
  | 'keygen'
  | 'jwks'
  | 'mint'
  | 'token'
  | 'inspect'
  | 'explain'
  | 'issuer-explain'
  | 'revoke'
  | 'revocations'
  | 'curl'

/** The output as data. Throws with every fault when it is not as the schema says. */
export function readOutput(command: Output, stdout: string): unknown {
  const value: unknown = JSON.parse(stdout)
  const check = ajv.getSchema(`cli#/$defs/${command}`)
  if (check === undefined) throw new TypeError(`no ${command} in the schema`)
  if (check(value) !== true) throw new TypeError(JSON.stringify(check.errors))
  return value
}
