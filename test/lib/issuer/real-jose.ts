import { loadJose } from '../keys/load-jose.ts'

// No mock: the real package, in the form that jest can load. Import this before anything that needs it.
jest.mock('jose', () => loadJose())
