const { existsSync } = require('node:fs')
const { join } = require('node:path')

/** End-to-end tests run what ships. */
module.exports = () => {
  if (existsSync(join(__dirname, '../dist/bin/oathmesh-pluginserver.cjs'))) return
  throw new Error(
    'The built programs are not there: "npm run build" makes them, "npm run test:e2e" does both.',
  )
}
