/** The kinds of findings; part of the JSON that `oathmesh kong lint` prints. */
export type FindingCode =
  | 'no_guard'
  | 'guard_not_in_file'
  | 'unguarded'
  | 'shadowed'
  | 'guard_disabled'
  | 'guard_limited'
  | 'guard_misplaced'
  | 'guard_modified'
  | 'guard_version'
  | 'answers_before_guard'
  | 'consumer_scoped'
  | 'protocols'
  | 'several_stores'

/** One thing that leaves requests without the guard or without single use, or might. */
export interface Finding {
  readonly code: FindingCode
  /** In the file: `services[0].plugins[1]`. */
  readonly path: string
  readonly line: number
  /** The entity in words: `oathmesh on route "orders"`. */
  readonly entity: string
  readonly message: string
  readonly fix: string
}
