const { readFileSync } = require('node:fs')

/** Loaded into a process under test: its wall clock stands where a file says, in Unix seconds. */
const file = process.env.OATHMESH_TEST_CLOCK
if (file !== undefined) Date.now = () => Number(readFileSync(file, 'utf8')) * 1000
