const { join } = require('node:path')

// Tests name their data from the root of the project, wherever jest was started.
process.chdir(join(__dirname, '..'))
