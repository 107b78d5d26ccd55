import type { LabelsOf, NameOf } from './catalogue.ts'

/** A count that only grows. */
export interface Count {
  add(by?: number): void
}

/** A distribution of durations. */
export interface Durations {
  observe(seconds: number): void
}

/** The values of a gauge at one moment, each with its labels. */
export type Reading<Name extends NameOf<'gauge'>> = readonly (readonly [LabelsOf<Name>, number])[]

/**
 * Whoever keeps figures. What it gives out is made once and then costs a few instructions a use; the same name and
 * labels give the same thing. Nothing here throws: a name that it does not know, of a plugin that is newer than its
 * host say, is kept nowhere.
 */
export interface Meter {
  counter<Name extends NameOf<'counter'>>(name: Name, labels: LabelsOf<Name>): Count
  histogram<Name extends NameOf<'histogram'>>(name: Name, labels: LabelsOf<Name>): Durations
  /** `read` is asked whenever somebody looks; it must not throw. */
  gauge<Name extends NameOf<'gauge'>>(name: Name, read: () => Reading<Name>): void
}
