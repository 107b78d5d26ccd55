import { readFileSync } from 'node:fs'

/** A fenced code block of a Markdown page. */
export interface FencedBlock {
  /** Relative to the package's root. */
  readonly page: string
  /** Of the opening fence, from 1. */
  readonly line: number
  /** What stands behind the opening fence: `sh`, `yaml stage=observe`, or nothing. */
  readonly info: string
  /** Its lines, without the indentation of the fence. */
  readonly text: string
}

const FENCED = /^(?<indent> *)```(?<info>[^`\n]*)\n(?<body>.*?)^\k<indent>```$/gms

/** The blocks of a page in their order. Without `info`, all of them. */
export function fencedBlocks(page: string, info?: string): readonly FencedBlock[] {
  const source = readFileSync(page, 'utf8')
  return [...source.matchAll(FENCED)]
    .map(({ index, groups = {} }) => ({
      page,
      line: source.slice(0, index).split('\n').length,
      info: groups['info'] ?? '',
      text: (groups['body'] ?? '').replaceAll(new RegExp(`^${groups['indent']}`, 'gm'), ''),
    }))
    .filter((block) => info === undefined || block.info === info)
}
