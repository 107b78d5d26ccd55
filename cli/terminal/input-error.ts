/** The input cannot be read or the options do not go together: exit code 2, the message on stderr. */
export class InputError extends Error {
  override readonly name = 'InputError'
}
