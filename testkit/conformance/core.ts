import { decideByCore } from '../decide-by-core.ts'
import type { Vector } from '../vectors.ts'
import type { Implementation } from './implementation.ts'
import type { Outcome, Row } from './outcome.ts'
import { judgeByCore } from './signature-library.ts'

/** The core in this process, without a host around it. */
export const core: Implementation = {
  name: 'core',
  async run({ files, signatures }) {
    const rows: Row[] = signatures.map(judgeByCore)
    for (const { file, cases } of files) {
      for (const vector of cases) rows.push({ file, name: vector.name, got: await decide(vector) })
    }
    return rows
  },
}

async function decide(vector: Vector): Promise<Outcome> {
  const { verdict } = await decideByCore(vector)
  if (verdict.outcome === 'allow') return 'allow'
  const { refusal, step } = verdict.denial
  return { code: refusal.code, step }
}
