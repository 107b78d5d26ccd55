/** Ends the run with one line that machines can read: how many tests passed and failed. */
module.exports = class CountReporter {
  onRunComplete(_, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    const failed = numFailedTests + numRuntimeErrorTestSuites
    // After whatever other reporters have to say.
    process.once('exit', () => process.stdout.write(`${numPassedTests} passed, ${failed} failed\n`))
  }
}
