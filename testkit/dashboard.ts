/** A panel of a Grafana dashboard, as far as tests look at it. */
export interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly datasource: object
  readonly targets: readonly { readonly expr: string }[]
  readonly fieldConfig: { readonly defaults: { readonly unit?: string } }
}

/** A dashboard in the form in which Grafana exports and imports it. */
export interface Dashboard {
  readonly uid: string
  readonly panels: readonly Panel[]
  readonly annotations: { readonly list: readonly { readonly datasource: object; expr: string }[] }
  readonly templating: {
    readonly list: readonly {
      readonly name: string
      readonly type: string
      readonly query: string | { readonly query: string }
      readonly datasource?: object
    }[]
  }
}

/** Panels that show something. */
export function panelsOf({ panels }: Dashboard): readonly Panel[] {
  return panels.filter(({ type }) => type !== 'row')
}

/** Every query of every panel. */
export function queriesOf(board: Dashboard): readonly { title: string; expr: string }[] {
  return panelsOf(board).flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({ title, expr })),
  )
}

/** A query as Grafana sends it, with all nodes and APIs chosen. `$__range` and the like become this duration. */
export function withAllChosen(expr: string, range: string): string {
  return expr
    .replaceAll(/\$__(?:rate_interval|range|interval)\b/g, range)
    .replaceAll(/\$(?:instance|audience)\b/g, '.*')
}
