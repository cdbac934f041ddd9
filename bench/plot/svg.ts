/** One line of a chart. */
export interface Series {
  readonly name: string
  /** In order of x. */
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Chart {
  readonly title: string
  /** What the chart shows, in words: for those who do not see it. */
  readonly description: string
  readonly xLabel: string
  readonly yLabel: string
  /** `log`: from 0.1, and what is less lies on the axis. */
  readonly yScale: 'linear' | 'log'
  /** At most as many as there are colours. */
  readonly series: readonly Series[]
  /** A level to compare with. */
  readonly level?: { readonly y: number; readonly name: string }
}

const [width, height] = [920, 400]
const box = { left: 64, right: 896, top: 88, bottom: 344 }

/** Each line has a dash of its own, too: colours alone do not tell them apart for everybody. */
const looks = [
  { light: '#0969da', dark: '#58a6ff', dash: 'none' },
  { light: '#bc4c00', dark: '#ffa657', dash: '10 4' },
  { light: '#1a7f37', dark: '#56d364', dash: '2 4' },
  { light: '#8250df', dark: '#d2a8ff', dash: '10 4 2 4' },
  { light: '#59636e', dark: '#9198a1', dash: '5 5' },
]

/** A line chart as a picture that is legible on a light and on a dark page. */
export function chartSvg(chart: Chart): string {
  const points = chart.series.flatMap((series) => series.points)
  const xTicks = ticks(Math.max(1, ...points.map(([x]) => x)))
  const yMost = Math.max(1, chart.level?.y ?? 0, ...points.map(([, y]) => y))
  const yTicks = chart.yScale === 'log' ? powers(yMost) : ticks(yMost)
  const scale = {
    x: (x: number) => box.left + ((box.right - box.left) * x) / (xTicks.at(-1) ?? 1),
    y: (y: number) => box.bottom - (box.bottom - box.top) * heightOf(y, yTicks, chart.yScale),
  }
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc"`,
    `  font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif" font-size="13">`,
    `  <title id="title">${escaped(chart.title)}</title>`,
    `  <desc id="desc">${escaped(chart.description)}</desc>`,
    style(),
    `  <rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>`,
    text(24, 30, chart.title, 'class="head"'),
    ...axes(chart, xTicks, yTicks, scale),
    ...chart.series.flatMap((series, i) => line(series, i, scale)),
    '</svg>',
  ].join('\n')}\n`
}

interface Scale {
  x(x: number): number
  y(y: number): number
}

function axes(chart: Chart, xTicks: number[], yTicks: number[], scale: Scale): string[] {
  const [bottom, left] = [box.bottom, box.left]
  const { level } = chart
  return [
    ...yTicks.flatMap((y) => [
      `  <path class="grid" d="M${left} ${round(scale.y(y))}H${box.right}"/>`,
      text(left - 8, scale.y(y) + 4, label(y), 'class="soft" text-anchor="end"'),
    ]),
    ...xTicks.flatMap((x) => [
      `  <path class="axis" d="M${round(scale.x(x))} ${bottom}v5"/>`,
      text(scale.x(x), bottom + 20, label(x), 'class="soft" text-anchor="middle"'),
    ]),
    `  <path class="axis" d="M${left} ${bottom}H${box.right}"/>`,
    text(box.right, bottom + 40, chart.xLabel, 'class="soft" text-anchor="end"'),
    text(24, 74, chart.yLabel, 'class="soft"'),
    ...(level
      ? [
          `  <path class="axis" d="M${left} ${round(scale.y(level.y))}H${box.right}"/>`,
          text(box.right, scale.y(level.y) - 6, level.name, 'class="soft" text-anchor="end"'),
        ]
      : []),
  ]
}

function line({ name, points }: Series, i: number, scale: Scale): string[] {
  const path = points.map(([x, y]) => `${round(scale.x(x))} ${round(scale.y(y))}`).join('L')
  const x = 24 + i * 176
  return [
    ...(path ? [`  <path class="line s${i}" d="M${path}"/>`] : []),
    `  <path class="line s${i}" d="M${x} 50h28"/>`,
    text(x + 34, 54, name),
  ]
}

function style(): string {
  const strokes = (theme: 'light' | 'dark') =>
    looks.map((look, i) => `.s${i} { stroke: ${look[theme]} }`).join(' ')
  return [
    '  <style>',
    '    .page { fill: #ffffff; stroke: #d0d7de } text { fill: #1f2328 } .soft { fill: #59636e }',
    '    .grid { stroke: #d0d7de; stroke-dasharray: 2 4; fill: none } .axis { stroke: #8c959f; fill: none }',
    '    .line { stroke-width: 2; fill: none } .head { font-weight: 600; font-size: 15px }',
    `    ${looks.map(({ dash }, i) => `.s${i} { stroke-dasharray: ${dash} }`).join(' ')}`,
    `    ${strokes('light')}`,
    '    @media (prefers-color-scheme: dark) {',
    '      .page { fill: #0d1117; stroke: #3d444d } text { fill: #f0f6fc } .soft { fill: #9198a1 }',
    '      .grid { stroke: #3d444d } .axis { stroke: #656c76 }',
    `      ${strokes('dark')}`,
    '    }',
    '  </style>',
  ].join('\n')
}

/** Round numbers from 0 to the first that is not below `most`: four to nine of them. */
export function ticks(most: number): number[] {
  const power = 10 ** Math.floor(Math.log10(most / 5))
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => most / s <= 8) ?? 10 * power
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step)
}

/** The powers of ten from 0.1 to the first that is not below `most`. */
function powers(most: number): number[] {
  const decades = Math.max(1, Math.ceil(Math.log10(most / 0.1)))
  return Array.from({ length: decades + 1 }, (_, i) => 10 ** (i - 1))
}

/** How high up a value is between the first and the last tick, 0 to 1. */
function heightOf(y: number, marks: readonly number[], scale: Chart['yScale']): number {
  const most = marks.at(-1) ?? 1
  return scale === 'log' ? Math.log10(Math.max(y, 0.1) / 0.1) / (marks.length - 1) : y / most
}

function text(x: number, y: number, content: string, attributes = ''): string {
  const space = attributes ? ' ' : ''
  return `  <text x="${round(x)}" y="${round(y)}"${space}${attributes}>${escaped(content)}</text>`
}

const label = (n: number) => n.toLocaleString('en', { maximumFractionDigits: 1 })
const round = (n: number) => String(Math.round(n * 10) / 10)

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
