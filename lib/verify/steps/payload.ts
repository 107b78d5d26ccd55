import { deny } from '../../denial.ts'
import { decodeBase64url } from '../../token/base64url.ts'
import type { Payload } from '../../token/claims.ts'
import { readPayload, TIMES } from '../../token/payload.ts'
import { parseStrictJson } from '../../token/strict-json.ts'
import type { Step } from '../step.ts'

/** Step 3: the payload is JSON of the right types. Denies `token_malformed`. Spec 1.3, 1.5. */
export const payload: Step = {
  label: 3,
  name: 'payload',
  run(attempt) {
    const bytes = decodeBase64url(attempt.found('segments').payload) ?? deny('payload_encoding')
    attempt.record('payload', parsePayload(bytes))
  },
}

function parsePayload(bytes: Buffer): Payload {
  try {
    return readPayload(parseStrictJson(bytes, { wholeNumbers: TIMES }))
  } catch (cause) {
    return deny('payload_json', String(cause))
  }
}
