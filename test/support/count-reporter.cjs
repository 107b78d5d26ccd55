const LINGER_MS = 15_000

/** Ends the run, whatever a test has left open, with one line that machines can read: how many tests passed and failed. */
module.exports = class CountReporter {
  onRunComplete(_, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    const end = setTimeout(() => {
      process.stderr.write(`something was still open ${LINGER_MS} ms after the last test\n`)
      process.exit(1)
    }, LINGER_MS)
    // Of itself it keeps nothing open.
    end.unref()
    const failed = numFailedTests + numRuntimeErrorTestSuites
    // After whatever other reporters have to say.
    process.once('exit', () => process.stdout.write(`${numPassedTests} passed, ${failed} failed\n`))
  }
}
