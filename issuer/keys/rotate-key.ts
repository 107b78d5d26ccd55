import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type IssuerKey, keyFileName, readIssuerKey } from './issuer-key.ts'
import { KeySchedule } from './key-schedule.ts'
import { readKeyDirectory } from './read-key-directory.ts'
import { rotateAlone } from './rotate-alone.ts'

/** For replicas to notice the file and for their clocks to differ. */
const NOTICE_SECONDS = 10

export interface RotateOptions {
  readonly directory: string
  readonly jwksTtlSeconds: number
  /** Unix seconds. */
  readonly now: number
  /** Instead of a JWKS TTL and ten seconds: 0 for a key that must be replaced at once. */
  readonly delaySeconds?: number | undefined
  /** Leaves things as they are while the newest key has been active for less, or is not active yet. */
  readonly unlessYoungerSeconds?: number | undefined
}

export interface Rotation {
  /** The newest key: the one that was added, or the young one that was found. */
  readonly key: IssuerKey
  readonly outcome: 'rotated' | 'kept'
  /** Names of the files whose keys were retired, and which have been removed. */
  readonly removed: readonly string[]
}

/**
 * Puts a new key into the directory, which is made for its owner alone where it is missing, in one step and
 * readable by its owner alone, that is published at once and signs after every verifier has seen it. The first
 * key signs at once. Keys that nobody needs any more are removed. One rotation at a time, whoever shares the
 * directory. Rejects with `TypeError` for a faulty directory.
 */
export async function rotateKey(options: RotateOptions): Promise<Rotation> {
  await makeDirectory(options.directory)
  return rotateAlone(options.directory, () => rotate(options))
}

async function rotate(options: RotateOptions): Promise<Rotation> {
  const { directory, jwksTtlSeconds, now, delaySeconds, unlessYoungerSeconds } = options
  const keys = await readKeyDirectory(directory)
  const schedule = new KeySchedule(keys, jwksTtlSeconds)
  const newest = schedule.states(now).at(-1)?.key
  if (newest !== undefined && unlessYoungerSeconds !== undefined) {
    const isYoung = now - newest.activeAt < unlessYoungerSeconds
    if (isYoung) return { key: newest, outcome: 'kept', removed: [] }
  }
  const delay = delaySeconds ?? (keys.length === 0 ? 0 : jwksTtlSeconds + NOTICE_SECONDS)
  const taken = new Set(keys.map(({ activeAt }) => activeAt))
  let activeAt = Math.floor(now) + delay
  // Of two keys of one second it would be left to their names which of them ever signs.
  while (taken.has(activeAt)) activeAt++
  const key = await writeKey(directory, activeAt)
  const removed = schedule
    .states(now)
    .flatMap(({ key: old, state }) => (state === 'retired' ? [old.file] : []))
  await Promise.all(removed.map((file) => rm(join(directory, file), { force: true })))
  return { key, outcome: 'rotated', removed }
}

/** Not its parents: a path of which more is missing is more likely misspelt. One that is there keeps its mode. */
async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
  }
}

async function writeKey(directory: string, activeAt: number): Promise<IssuerKey> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const { kid } = readIssuerKey('', pem)
  const file = keyFileName(kid, activeAt)
  const temporary = join(directory, `.${randomUUID()}`)
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(pem)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, join(directory, file))
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause
  }
  return readIssuerKey(file, pem)
}
