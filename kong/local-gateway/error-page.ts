import type { ExitAnswer, HeaderMap } from './exchange.ts'
import { exitAnswer } from './exit-answer.ts'

const JSON_TYPE = 'application/json; charset=utf-8'
const PLAIN_TYPE = 'text/plain; charset=utf-8'
const HTML_TYPE = 'text/html; charset=utf-8'
const XML_TYPE = 'application/xml; charset=utf-8'

/** By media type; JSON for any other. */
const TYPES: Readonly<Record<string, string>> = {
  'text/plain': PLAIN_TYPE,
  'text/*': PLAIN_TYPE,
  'text/html': HTML_TYPE,
  'application/xml': XML_TYPE,
}

/** Kong's words for a status, and its `error_default_type`. */
// biome-ignore format: reads as a table
const TEMPLATES: Readonly<Record<string, (message: string, requestId: string) => string>> = {
  [JSON_TYPE]: (message, id) => `{\n  "message":"${message}",\n  "request_id":"${id}"\n}`,
  [PLAIN_TYPE]: (message, id) => `${message}\nrequest_id: ${id}\n`,
  [HTML_TYPE]: (message, id) =>
    `<!doctype html>\n<html>\n  <head>\n    <meta charset="utf-8">\n    <title>Error</title>\n  </head>\n  <body>\n    <h1>Error</h1>\n    <p>${message}.</p>\n    <p>request_id: ${id}</p>\n  </body>\n</html>\n`,
  [XML_TYPE]: (message, id) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<error>\n  <message>${message}</message>\n  <requestid>${id}</requestid>\n</error>\n`,
}

/**
 * What Kong answers where nginx has failed: 400, 502, 504. In the type that `Accept` prefers, else that of
 * the request's own body, else as plain text, which is also for what was refused before its headers were read.
 */
export function errorPage(
  status: number,
  message: string,
  requestId: string,
  clientHeaders: HeaderMap = new Map(),
): ExitAnswer {
  const [wanted] = clientHeaders.get('accept') ?? clientHeaders.get('content-type') ?? []
  const type = wanted === undefined ? PLAIN_TYPE : preferred(wanted)
  const body = TEMPLATES[type]?.(message, requestId)
  return exitAnswer([status, body, { 'content-type': type }], requestId)
}

/** The first of those with the highest `q`. */
function preferred(accept: string): string {
  let best = { quality: 0, type: JSON_TYPE }
  for (const [media = '', ...parameters] of accept.split(',').map((one) => one.split(';'))) {
    const q = parameters.map((text) => /^\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*$/i.exec(text)?.[1])
    const quality = Number(q.find((value) => value !== undefined) ?? 1)
    if (quality <= best.quality) continue
    best = { quality, type: TYPES[media.trim().toLowerCase()] ?? JSON_TYPE }
  }
  return best.type
}
