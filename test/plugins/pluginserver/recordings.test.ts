import { encode } from '@msgpack/msgpack'
import type { KongLine } from './kong-line.ts'
import { RECORDINGS, type RecordedFrame } from './recordings.ts'
import { bundleServer, ServerProcess, STOCK, temporaryFolder } from './server-process.ts'

type Json = Record<string, unknown>
type Write = (line: KongLine, bytes: Buffer) => Promise<void>

const folder = temporaryFolder()
const bundle = bundleServer(folder.path)
let server: ServerProcess

afterEach(() => server.stop())
afterAll(() => folder.remove())

/** Plays Kong's side of every recording and returns what the server said, with the recorded numbers. */
async function replay(line: KongLine, write: Write): Promise<unknown[]> {
  const numbers = new Map<string, unknown>()
  const answers: unknown[] = []
  for (const frame of RECORDINGS.flatMap(({ frames }) => frames)) {
    if (frame.from === 'kong') await write(line, encodeWith(frame, numbers))
    else answers.push(await readAnswer(line, frame, numbers))
  }
  return answers
}

/** Kong repeats the numbers that this server gave out, not the recorded ones. */
function encodeWith(
  { message: [type, id, method, parameters] }: RecordedFrame,
  numbers: Map<string, unknown>,
) {
  const [parameter] = parameters as [Json]
  const own = { ...parameter }
  for (const key of ['InstanceId', 'EventId']) {
    if (key in own) own[key] = numbers.get(`${key} ${own[key]}`)
  }
  return Buffer.from(encode([type, id, method, [own]]))
}

async function readAnswer(
  line: KongLine,
  { message: [, , , recorded] }: RecordedFrame,
  numbers: Map<string, unknown>,
): Promise<unknown> {
  const { messageId, error, result } = await line.answer()
  const { Id, EventId } = recorded as Json
  const answer = { ...(result as Json) }
  if (Id !== undefined) numbers.set(`InstanceId ${Id}`, answer['Id'])
  if (EventId !== undefined) numbers.set(`EventId ${EventId}`, answer['EventId'])
  if ('Id' in answer) answer['Id'] = Id
  if ('EventId' in answer) answer['EventId'] = EventId
  return [1, messageId, error, withoutTime(answer)]
}

function withoutTime(result: unknown): unknown {
  return { ...(result as Json), StartTime: undefined }
}

const expected = RECORDINGS.flatMap(({ frames }) => frames)
  .filter(({ from }) => from === 'plugin server')
  .map(({ message: [type, id, error, result] }) => [type, id, error, withoutTime(result)])

const whole: Write = async (line, bytes) => {
  line.socket.write(bytes)
}

/** Parts every frame in the middle; the server has taken in the first part before the second is sent. */
const parted: Write = async (line, bytes) => {
  const middle = Math.floor(bytes.length / 2)
  line.socket.write(bytes.subarray(0, middle))
  const other = await server.connect()
  await other.call('plugin.GetPluginInfo', 'oathmesh')
  await other.close()
  line.socket.write(bytes.subarray(middle))
}

describe('the recorded transcripts', () => {
  test.each([
    ['whole frames', whole],
    ['parted frames', parted],
  ])('are answered as the stock server answered them, with %s', async (_, write) => {
    server = await ServerProcess.start(bundle, folder.path, 'recorded')
    expect(await replay(await server.connect(), write)).toEqual(expected)
    await server.eventsBecome(0)
  })

  test('are what the fixture plugin makes of the stock server', async () => {
    server = await ServerProcess.start(STOCK, folder.path, 'recorded')
    expect(await replay(await server.connect(), whole)).toEqual(expected)
  })
})
