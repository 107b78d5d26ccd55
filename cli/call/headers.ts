import { InputError } from '../terminal/input-error.ts'

/** Headers as `curl -H` takes them. Throws `InputError` for what is none; never repeats a value. */
export function headersOf(options: readonly string[] = []): Headers {
  const headers = new Headers()
  for (const option of options) {
    const colon = option.indexOf(':')
    const name = option.slice(0, Math.max(colon, 0)).trim()
    try {
      headers.append(name, option.slice(colon + 1).trim())
    } catch {
      throw new InputError("curl: --header must be 'Name: value'")
    }
  }
  return headers
}
