import { queryPlugin } from '../../../kong/local-gateway/query-plugin.ts'

const PLUGIN = {
  Name: 'oathmesh',
  Version: '1',
  Priority: 1,
  Phases: ['access'],
  Schema: { name: 'oathmesh', fields: [] },
}

/** What the gateway makes of a command that writes this. */
const asked = (output: string) =>
  queryPlugin([process.execPath, '-e', `process.stdout.write(${JSON.stringify(output)})`])
const dumped = (plugin: object, Protocol?: string) =>
  asked(JSON.stringify(Protocol === undefined ? [plugin] : { Protocol, Plugins: [plugin] }))

describe('what a plugin server says of its plugin', () => {
  test('is on MessagePack as a bare list, and names its wire as an object', async () => {
    expect(await dumped(PLUGIN)).toEqual({ ...PLUGIN, protocol: 'MsgPack:1' })
    expect(await dumped(PLUGIN, 'ProtoBuf:1')).toEqual({ ...PLUGIN, protocol: 'ProtoBuf:1' })
  })

  // In the words of a Kong 3.9.3.
  test.each([
    [
      'a schema without a name',
      () => dumped({ ...PLUGIN, Schema: { fields: [] } }),
      'name: field required',
    ],
    ['no schema', () => dumped({ ...PLUGIN, Schema: undefined }), 'name: field required'],
    [
      'a wire that Kong does not know',
      () => dumped(PLUGIN, 'Thrift:1'),
      'unknown protocol implementation',
    ],
    ['no plugin', () => asked('[]'), 'names no plugin'],
    ['no JSON', () => asked('starting\n[]'), 'failed decoding plugin info'],
  ])('is refused with %s', async (_, answer, words) => {
    await expect(answer()).rejects.toThrow(words)
  })
})
