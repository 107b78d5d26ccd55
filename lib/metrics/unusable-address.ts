import { type Address, addressText } from '../ports/address.ts'

/** Why metrics cannot be served at an address, and what to do; `field` is the flag or field that names it. */
export function unusableAddress(field: string, address: Address, cause: unknown): TypeError {
  const { code, message } = cause as NodeJS.ErrnoException
  const found =
    code === 'EADDRINUSE'
      ? 'is in use by another process: stop that one, or name another address'
      : `cannot be listened on: ${message}`
  return new TypeError(`${field}: ${addressText(address)} ${found}`, { cause })
}
