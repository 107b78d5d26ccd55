const LINGER_MS = 15_000

/**
 * Ends the run with one line that machines can read: how many tests passed and failed. A test that has left
 * something open does not keep the run from ending; it makes it fail.
 */
module.exports = class CountReporter {
  onRunComplete(_, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    // Of itself the timer keeps nothing open.
    setTimeout(() => {
      process.stderr.write(`something was still open ${LINGER_MS} ms after the last test\n`)
      process.exit(1)
    }, LINGER_MS).unref()
    const failed = numFailedTests + numRuntimeErrorTestSuites
    // After whatever other reporters have to say.
    process.once('exit', () => process.stdout.write(`${numPassedTests} passed, ${failed} failed\n`))
  }
}
