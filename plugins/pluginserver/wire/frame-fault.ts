/** A byte sequence that is not a frame we accept. The connection it came from cannot be read any further. */
export class FrameFault extends Error {
  override readonly name = 'FrameFault'
}
