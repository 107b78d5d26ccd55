/** Something that happens once and can be waited for. */
export class Signal {
  readonly given: Promise<void>
  #resolve: () => void = () => {}

  constructor() {
    this.given = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  give(): void {
    this.#resolve()
  }
}
