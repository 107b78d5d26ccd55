type Child = Node | string | undefined

/** An element with attributes and children. Text is text: nothing here is ever read as markup. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children.filter((child) => child !== undefined))
  return element
}

/** The element of this id. Throws `ReferenceError`: the page and its script ship together. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (element === null) throw new ReferenceError(`no #${id} on the page`)
  return element
}

/** The input of this id. */
export function inputById(id: string): HTMLInputElement {
  const element = byId(id)
  if (!(element instanceof HTMLInputElement)) throw new ReferenceError(`#${id} is no input`)
  return element
}
