/**
 * Runs in the page: texts whose colour is too near to what is behind them. WCAG 2.2, 1.4.3: 4.5 to 1, and 3 to 1 for
 * large text. The value of the file is what the expression gives.
 */
;(() => {
  const channel = (value) => {
    const c = value / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
  const parse = (text) => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
    canvas.fillStyle = text
    canvas.fillRect(0, 0, 1, 1)
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data
    return [r, g, b, a / 255]
  }
  const over = (top, below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3]))
  const groundOf = (element) => {
    const layers = []
    for (let at = element; at !== null; at = at.parentElement) {
      layers.push(parse(getComputedStyle(at).backgroundColor))
      if (layers.at(-1)[3] === 1) break
    }
    return layers.reduceRight((below, top) => over(top, below), [255, 255, 255])
  }
  const found = []
  let looked = 0
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT)
  for (let element = walker.nextNode(); element !== null; element = walker.nextNode()) {
    const own = [...element.childNodes].some(
      (node) => node.nodeType === 3 && node.data.trim() !== '',
    )
    const shown = element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    if ((!own && element.tagName !== 'INPUT') || !shown) continue
    const style = getComputedStyle(element)
    const ground = groundOf(element)
    const [light, dark] = [luminance(over(parse(style.color), ground)), luminance(ground)].sort(
      (a, b) => b - a,
    )
    const ratio = (light + 0.05) / (dark + 0.05)
    const size = Number.parseFloat(style.fontSize)
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    looked += 1
    if (ratio < (large ? 3 : 4.5)) {
      found.push(`${element.tagName}.${element.className} ${style.color} ${ratio.toFixed(2)}`)
    }
  }
  return { looked, found }
})()
