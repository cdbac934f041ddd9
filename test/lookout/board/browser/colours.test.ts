import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const file = '../../../../src/lookout/board/browser/colours.css'
const [, light = '', dark = ''] = readFileSync(join(import.meta.dirname, file), 'utf8').split(
  ':root',
)

/** What is written in which colour on what, and what is drawn; the least ratio of each is that of WCAG 2.2. */
const pairs = [
  ...['ink', 'faint', 'bad'].flatMap((ink) =>
    ['paper', 'raised', 'bad-soft'].map((on) => [ink, on, 4.5] as const),
  ),
  ...['registered', 'draining', 'gone', 'edge', 'bad'].map((mark) => [mark, 'paper', 3] as const),
  ['gone', 'gone-soft', 3] as const,
  ['draining', 'draining-soft', 3] as const,
]

for (const [scheme, text] of Object.entries({ light, dark })) {
  t.test(`${scheme}: each colour is told from what is behind it`, async (t) => {
    const colours = new Map(
      [...text.matchAll(/--([\w-]+): #(\w{6});/g)].map(([, name = '', hex = '']) => [name, hex]),
    )
    for (const [one, other, least] of pairs) {
      const ratio = contrast(colours.get(one), colours.get(other))
      t.ok(ratio >= least, `${one} on ${other}: ${ratio.toFixed(2)}`)
    }
  })
}

/** WCAG 2.2, "contrast ratio"; 0 where a colour is missing. */
function contrast(one = '', other = ''): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [0, 2, 4]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
