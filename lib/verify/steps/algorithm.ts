import { deny } from '../../denial.ts'
import { decodeBase64url } from '../../token/base64url.ts'
import { type Header, readHeader } from '../../token/header.ts'
import { KnownHeaders } from '../../token/known-headers.ts'
import { parseStrictJson } from '../../token/strict-json.ts'
import type { Step } from '../step.ts'

/** Of all entities: whether a header is good does not depend on settings. */
const good = new KnownHeaders()

/**
 * Step 2: the header is a well-formed `om+jwt` header that asks for EdDSA and for nothing we do not
 * understand. Denies `token_malformed`, `algorithm_not_allowed`. Spec 1.2, 3.2.
 */
export const algorithm: Step = {
  label: 2,
  name: 'algorithm',
  run(attempt) {
    const { header: text } = attempt.found('segments')
    const header = good.get(text) ?? decode(text)
    attempt.record('header', header)
    if (header.alg?.toLowerCase() === 'none') deny('alg_none')
    if (header.alg !== 'EdDSA') deny('alg_unsupported', header.alg)
    if (header.typ !== 'om+jwt') deny('typ_mismatch', header.typ)
    // RFC 7515, 4.1.11: whoever does not understand a critical extension must refuse.
    if (header.critical) deny('crit_present')
    good.add(text, header)
  },
}

function decode(text: string): Header {
  return parseHeader(decodeBase64url(text) ?? deny('header_encoding'))
}

function parseHeader(bytes: Buffer): Header {
  try {
    return readHeader(parseStrictJson(bytes))
  } catch (cause) {
    return deny('header_json', String(cause))
  }
}
