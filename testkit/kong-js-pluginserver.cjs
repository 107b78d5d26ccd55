#!/usr/bin/env node
// The plugin server of kong-pdk as it is published. It loads ts-node, which wants the compiler that the kit
// brings: TypeScript 7, which this project is checked with, has no interface for it.
process.env.TS_NODE_COMPILER = require.resolve('kong-pdk/node_modules/typescript')
require('kong-pdk/bin/kong-js-pluginserver')
