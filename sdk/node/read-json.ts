/** The body of an answer as JSON, or `undefined` when it is none. Consumes the body. */
export async function readJson(answer: Response): Promise<unknown> {
  const type = answer.headers.get('content-type') ?? ''
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) {
    await answer.body?.cancel()
    return undefined
  }
  try {
    return await answer.json()
  } catch {
    return undefined
  }
}
