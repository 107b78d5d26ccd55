/**
 * Header values and paths are bytes. Node shows each as one character, MessagePack carries them as
 * UTF-8 text; bytes that are none arrive as U+FFFD, as in the plugin server's own decoder.
 */
export function fromBytes(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Text as bytes in a header. nginx percent-encodes control characters rather than send them. */
export function toBytes(text: string): string {
  const bytes = isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be sent
  return bytes.replace(/[\x00-\x08\x0a-\x1f\x7f]/g, percentEncoded)
}

/** A header name as nginx sends it: what is no token character is percent-encoded. */
export function toName(text: string): string {
  return toBytes(text)
    .toLowerCase()
    .replace(/[^!#$%&'*+.^_`|~0-9a-z-]/g, percentEncoded)
}

/** The escape of one byte. */
export function percentEncoded(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}
