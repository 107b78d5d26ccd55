import { randomUUID } from 'node:crypto'
import { open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Key files end in `.pem`; this is none. */
const LOCK = '.rotating'
const LOOK_EVERY_MS = 50
/** A rotation takes milliseconds: whoever is seen to hold the lock for five seconds has died. */
const LOOKS_AT_ONE = 100

/**
 * Does the work while no other process that shares the directory, on this machine or another, does so. The lock of
 * one that has died is taken over; no clock is asked, since those of two machines differ.
 */
export async function rotateAlone<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const lock = join(directory, LOCK)
  await take(lock)
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function take(lock: string): Promise<void> {
  let [holder, looks] = ['', 0]
  while (!(await isTaken(lock))) {
    const found = await identityOf(lock)
    looks = found === holder ? looks + 1 : 0
    holder = found
    if (looks >= LOOKS_AT_ONE) await drop(lock, holder)
    else await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

async function isTaken(lock: string): Promise<boolean> {
  try {
    const handle = await open(lock, 'wx', 0o600)
    await handle.close()
    return true
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false
    throw cause
  }
}

/** Another file each time it is taken; empty where it has just gone. */
async function identityOf(lock: string): Promise<string> {
  try {
    const { ino, mtimeMs } = await stat(lock)
    return `${ino} ${mtimeMs}`
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return ''
    throw cause
  }
}

/** Of several that wait one gets to rename it, and gives it back where it is not the one that was meant. */
async function drop(lock: string, holder: string): Promise<void> {
  const dropped = `${lock}-${randomUUID()}`
  try {
    await rename(lock, dropped)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return
    throw cause
  }
  if ((await identityOf(dropped)) === holder) await rm(dropped, { force: true })
  else await rename(dropped, lock)
}

/** Not by class: an error of the file system may come from another realm. */
function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? 'unknown cause'
}
