/** A refusal or a token fits many times; a hostile peer must not fill the memory. */
const MOST_BYTES = 256 * 1024

/** The body of an answer as JSON, or `undefined` when it is none or over 256 KiB. Consumes the body. */
export async function readJson(answer: Response): Promise<unknown> {
  const type = answer.headers.get('content-type') ?? ''
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) {
    // Not waited for: half of a cloned answer is cancelled only when the other half is.
    answer.body?.cancel().catch(() => {})
    return undefined
  }
  try {
    return JSON.parse(await boundedText(answer))
  } catch {
    return undefined
  }
}

async function boundedText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    // Leaving the loop cancels what is still to come.
    if (length > MOST_BYTES) throw new RangeError('the answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
