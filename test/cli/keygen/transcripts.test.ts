import { join } from 'node:path'
import { testTranscripts } from '../transcripts.ts'

describe('transcripts', () => testTranscripts(join(__dirname, 'transcripts')))
