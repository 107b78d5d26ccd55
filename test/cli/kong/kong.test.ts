import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { asBundle, inProcess } from './execute.ts'
import { readTranscript, replay, writeTranscript } from './transcript.ts'

const transcripts = readdirSync(join(__dirname, 'transcripts'))

describe('oathmesh kong', () => {
  test.each(transcripts)('%s', async (name) => {
    const text = readTranscript(name)
    const played = await replay(text, inProcess)
    if (process.env['TRANSCRIPTS'] === 'write') writeTranscript(name, played)
    else expect(played).toBe(text)
  })
})

describe('the built oathmesh', () => {
  test.each(['usage.txt', 'shadowed.txt', 'standard-input.txt'])('%s', async (name) => {
    const text = readTranscript(name)
    expect(await replay(text, asBundle)).toBe(text)
  })
})
