/** What `make` makes; a fault of it begins with the path of the field. Throws `TypeError`. */
export function at<T>(path: string, make: () => T): T {
  try {
    return make()
  } catch (cause) {
    throw new TypeError(`${path}: ${cause instanceof Error ? cause.message : ''}`, { cause })
  }
}
