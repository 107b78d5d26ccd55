import { isIPv6 } from 'node:net'

/**
 * Under which name attempts of a peer are counted: an IPv4 address, or the /64 of an IPv6 one, because
 * whoever has one address of a /64 has them all (RFC 4291, 2.5.1). An IPv4 address in IPv6 form is the
 * IPv4 address. Any other text is itself.
 */
export function peerKey(address: string): string {
  const plain = address.split('%', 1).join()
  if (!isIPv6(plain)) return plain
  const groups = groupsOf(plain)
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 255])
      .join('.')
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** The eight groups of a valid address, whichever way it is written. */
function groupsOf(address: string): readonly number[] {
  // The parser of URLs knows every spelling and writes the groups in hexadecimal.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [before = '', after] = canonical.split('::')
  const groups = (text: string) => {
    return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  }
  const [head, tail] = [groups(before), groups(after ?? '')]
  const gap = after === undefined ? 0 : 8 - head.length - tail.length
  return [...head, ...Array<number>(gap).fill(0), ...tail]
}
