import { lstatSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import type { Address } from './address.ts'

/**
 * Lets `listen` take the address. A unix socket is its owner's alone from the moment it exists, whatever umask
 * the process was given: whoever can connect gets tokens spent. One that nobody listens at is removed; a live one, and
 * what is no socket, is left alone and is a `TypeError`.
 */
export async function bind<T>(address: Address, listen: () => Promise<T>): Promise<T> {
  if (address.kind === 'tcp') return listen()
  await removeStale(address.path)
  const inherited = process.umask(0o177)
  try {
    return await listen()
  } finally {
    process.umask(inherited)
  }
}

async function removeStale(path: string): Promise<void> {
  const file = lstatSync(path, { throwIfNoEntry: false })
  if (file === undefined) return
  if (!file.isSocket()) throw new TypeError(`${path} exists and is not a socket`)
  if (await isAlive(path))
    throw new TypeError(`${path} is served by another process: stop it first`)
  rmSync(path, { force: true })
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(false)
      else reject(new TypeError(`${path} exists and cannot be connected to (${code})`))
    })
  })
}
