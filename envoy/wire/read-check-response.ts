import type { CheckResponse, DeniedResponse, OkResponse } from './check-response.ts'
import { Cursor } from './cursor.ts'

interface Draft {
  code: number | undefined
  ok: OkDraft | undefined
  denied: DeniedDraft | undefined
  metadata: Record<string, string | number>
}
type OkDraft = Omit<OkResponse, 'metadata'> & { headers: [string, string][]; remove: string[] }
type DeniedDraft = { -readonly [K in keyof DeniedResponse]: DeniedResponse[K] } & {
  headers: [string, string][]
}

/** What Envoy will make of an answer; `undefined` where it is neither of the two kinds, whole. */
export function readCheckResponse(bytes: Uint8Array): CheckResponse | undefined {
  const draft: Draft = { code: undefined, ok: undefined, denied: undefined, metadata: {} }
  new Cursor(bytes).all(readAnswer, draft)
  const { code, ok, denied, metadata } = draft
  if (code === 0 && ok !== undefined && denied === undefined) return { ...ok, metadata }
  if (!code || denied === undefined || ok !== undefined) return undefined
  return { ...denied, code, metadata }
}

function readAnswer(cursor: Cursor, number: number, draft: Draft): void {
  if (number === 1) {
    draft.code = 0
    cursor.message(readStatus, draft)
  } else if (number === 2) {
    draft.denied = { kind: 'denied', code: 0, httpStatus: 0, headers: [], body: '', metadata: {} }
    cursor.message(readDenied, draft.denied)
  } else if (number === 3) {
    draft.ok = { kind: 'ok', headers: [], remove: [] }
    cursor.message(readOk, draft.ok)
  } else if (number === 4) {
    draft.metadata = {}
    cursor.message(readStruct, draft.metadata)
  } else cursor.skip()
}

function readStatus(cursor: Cursor, number: number, draft: Draft): void {
  if (number === 1) draft.code = cursor.int()
  else cursor.skip()
}

function readOk(cursor: Cursor, number: number, { headers, remove }: OkDraft): void {
  if (number === 2) headers.push(headerAt(cursor))
  else if (number === 5) remove.push(cursor.text())
  else cursor.skip()
}

function readDenied(cursor: Cursor, number: number, draft: DeniedDraft): void {
  if (number === 1) cursor.message(readHttpStatus, draft)
  else if (number === 2) draft.headers.push(headerAt(cursor))
  else if (number === 3) draft.body = cursor.text()
  else cursor.skip()
}

function readHttpStatus(cursor: Cursor, number: number, draft: DeniedDraft): void {
  if (number === 1) draft.httpStatus = cursor.int()
  else cursor.skip()
}

/** HeaderValueOption.header, HeaderValue.key and value. */
function headerAt(cursor: Cursor): [string, string] {
  const header: [string, string] = ['', '']
  cursor.message(readOption, header)
  return header
}

function readOption(cursor: Cursor, number: number, header: [string, string]): void {
  if (number === 1) cursor.message(readPair, header)
  else cursor.skip()
}

function readPair(cursor: Cursor, number: number, pair: [string, string]): void {
  if (number === 1) pair[0] = cursor.text()
  else if (number === 2) pair[1] = cursor.text()
  else cursor.skip()
}

interface Entry {
  key: string
  value: string | number | undefined
}

function readStruct(cursor: Cursor, number: number, struct: Draft['metadata']): void {
  if (number === 1) {
    const entry: Entry = { key: '', value: undefined }
    cursor.message(readEntry, entry)
    if (entry.value !== undefined) struct[entry.key] = entry.value
  } else cursor.skip()
}

function readEntry(cursor: Cursor, number: number, entry: Entry): void {
  if (number === 1) entry.key = cursor.text()
  else if (number === 2) cursor.message(readValue, entry)
  else cursor.skip()
}

function readValue(cursor: Cursor, number: number, entry: Entry): void {
  if (number === 2) entry.value = cursor.double()
  else if (number === 3) entry.value = cursor.text()
  else cursor.skip()
}
