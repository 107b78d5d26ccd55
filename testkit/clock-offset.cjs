const { readFileSync } = require('node:fs')

/** Loaded into a process under test: its wall clock is ahead of the real one by the seconds in a file. */
const file = process.env.OATHMESH_TEST_CLOCK_OFFSET
const READ_EVERY_MS = 20
if (file !== undefined) {
  const now = Date.now
  let [offsetMs, readAt] = [0, 0]
  Date.now = () => {
    const at = now()
    if (at - readAt > READ_EVERY_MS || at < readAt) {
      offsetMs = Number(readFileSync(file, 'utf8')) * 1000
      readAt = at
    }
    return at + offsetMs
  }
}
