const fastCheck = require('../node_modules/fast-check/lib/cjs/fast-check.js')
const { seedOfTests } = require('./seed.ts')

// Jest takes this for `fast-check`, so that every property is tried with inputs that the next run repeats.
fastCheck.configureGlobal({ seed: seedOfTests() })

module.exports = fastCheck
