import { Command, InvalidArgumentError } from 'commander'
import type { Clock } from '../../../lib/index.ts'
import type { CliIo } from '../../terminal/io.ts'
import { AuditReader } from '../audit-reader.ts'
import type { AuditRecord } from '../audit-record.ts'
import { filterOf } from '../filter.ts'
import { addFilterOptions, type ReadingOptions } from '../filter-options.ts'
import { LineSplitter } from '../line-splitter.ts'
import { LogLines } from '../log-lines.ts'
import { reportSkipped } from '../report-skipped.ts'
import type { StdoutReady } from '../stdout-ready.ts'
import { followFile, type Piece } from './follow-file.ts'
import { tailLine } from './tail-line.ts'

interface TailOptions extends ReadingOptions {
  readonly lines: number
  readonly json?: true
}

const LINES = 10
/** So much is read for the lines before now; some thousand of them. */
const LAST_BYTES = 1 << 20

/** `oathmesh audit tail`: decisions as they are made, for a person. */
export function tailCommand(io: CliIo, clock: Clock, stdoutReady: StdoutReady): Command {
  const command = new Command('tail')
    .description('show decisions as they are written, also when the file is rotated')
    .argument('<file>', "audit file or Kong's error log; - for standard input")
    .option('-n, --lines <n>', 'decisions before now; with --since all that fit', whole, LINES)
    .option('--json', 'print the lines as they are, one JSON object per line')
  return addFilterOptions(command, clock).action((file: string) =>
    // Options that `audit` has too are taken by it, wherever they stand.
    tail(file, command.optsWithGlobals<TailOptions>(), io, stdoutReady),
  )
}

async function tail(
  file: string,
  { lines, json, strict, ...filter }: TailOptions,
  io: CliIo,
  stdoutReady: StdoutReady,
): Promise<void> {
  const reader = new AuditReader([file], filterOf(filter))
  const text = (record: AuditRecord) =>
    json ? `${record.text}\n` : tailLine(record, io.stdout.color)
  const print = async (records: readonly AuditRecord[]): Promise<'ready' | 'gone'> => {
    const shown = records.map(text).join('')
    if (shown === '' || io.stdout.write(shown) !== false) return 'ready'
    return stdoutReady()
  }
  if (file === '-') {
    for await (const records of reader.read(io)) if ((await print(records)) === 'gone') break
  } else {
    const before = filter.since === undefined ? lines : Number.POSITIVE_INFINITY
    await follow({ file, before, reader, print, io })
  }
  reportSkipped(reader.skipped, strict === true, io)
}

interface Following {
  readonly file: string
  /** How many decisions of those that are there already are shown. */
  readonly before: number
  readonly reader: AuditReader
  readonly print: (records: readonly AuditRecord[]) => Promise<'ready' | 'gone'>
  readonly io: CliIo
}

async function follow({ file, before, reader, print, io }: Following): Promise<void> {
  const ending = new AbortController()
  const pieces = followFile(file, {
    ...(Number.isFinite(before) && { lastBytes: LAST_BYTES }),
    signal: ending.signal,
    onChange: (what) => io.stderr.write(`${file}: ${CHANGES[what]}\n`),
  })
  const end = () => ending.abort()
  process.once('SIGINT', end).once('SIGTERM', end)
  const assemble = linesOf()
  // Until the end has been reached once, only the last lines are of interest.
  let old: AuditRecord[] | undefined = []
  try {
    for await (const piece of pieces) {
      const records = reader.take(assemble(piece))
      if (old !== undefined) old = [...old, ...records].slice(-Math.min(before, 1e6))
      if (old !== undefined && !piece.isLast) continue
      const shown = old === undefined ? records : before === 0 ? [] : old
      old = undefined
      if ((await print(shown)) === 'gone') break
    }
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end)
  }
}

const CHANGES = {
  gone: 'has gone; waiting for another one',
  replaced: 'has been replaced; following the new one',
  cut: 'has been cut; following from its beginning',
}

/** Lines out of pieces. A file that begins anew ends whatever line was open. */
function linesOf(): (piece: Piece) => readonly string[] {
  let splitter = new LineSplitter()
  const log = new LogLines()
  return ({ bytes, start }) => {
    const rest = start ? splitter.end() : []
    if (start) splitter = new LineSplitter()
    return [...rest, ...splitter.push(bytes)].flatMap((line) => {
      const taken = log.take(line)
      return taken === undefined || taken === '' ? [] : [taken]
    })
  }
}

function whole(value: string): number {
  if (!/^\d{1,6}$/.test(value)) throw new InvalidArgumentError('Expected 0 to 999999.')
  return Number(value)
}
