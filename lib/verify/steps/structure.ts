import { deny } from '../../denial.ts'
import { splitToken } from '../segments.ts'
import type { Step } from '../step.ts'

/**
 * Step 1: the token is short enough to be looked at and has three parts.
 * Denies `token_malformed`. Spec 1.5, 3.2.
 */
export const structure: Step = {
  label: 1,
  name: 'structure',
  run(attempt) {
    const token = attempt.found('token')
    // Before any decoding: what follows costs time and memory in proportion to the length.
    if (Buffer.byteLength(token) > attempt.settings.maxTokenBytes) deny('token_too_long')
    attempt.record('segments', splitToken(token) ?? deny('segment_count'))
  },
}
