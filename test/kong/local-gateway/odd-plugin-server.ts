import { resolve } from 'node:path'
import type { Commands } from '../../../testkit/plugin-commands.ts'

const FILE = resolve('test/fixtures/odd-plugin-server/odd.cjs')

/** The commands of a plugin server whose plugin answers as its `config.mode` says. */
export function oddPluginServer(socketPath: string): Commands {
  return {
    startCommand: [process.execPath, FILE, socketPath],
    queryCommand: [process.execPath, FILE, '--dump'],
  }
}
