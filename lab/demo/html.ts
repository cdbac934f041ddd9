import { type Figures, figuresOf, type PodStory, type Record, storiesOf } from './record.ts'

/** The report: one page that needs nothing from outside. */
export function reportPage(records: readonly Record[], facts: string): string {
  const longestMs = Math.max(...records.map(({ goneMs, startedMs }) => goneMs - startedMs))
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>draingate: four rolling updates</title>
<style>${style}</style>
<h1>Four rolling updates under constant load</h1>
<p>${escaped(facts)}</p>
${table(records.map(figuresOf))}
<p class="legend">${legend}</p>
${records.map((record) => section(record, longestMs)).join('\n')}
</html>
`
}

const style = `
:root { color-scheme: light dark; --ink: #1f2933; --paper: #fff; --faint: #8893a2; --line: #d5dbe3;
  --initial: #b8c4d6; --healthy: #57a773; --unhealthy: #b98bd1; --draining: #e9b44c; --unused: #d5dbe3;
  --hook: #3b76c4; --failed: #d1344b }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9f0; --paper: #14181d; --line: #38424f; --unused: #38424f } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 66rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { padding: .3rem .9rem; text-align: right; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child { text-align: left }
.bad { color: var(--failed); font-weight: 600 } .legend, .faint { color: var(--faint) }
svg { width: 100%; height: auto; display: block } text { font: 11px system-ui, sans-serif; fill: var(--ink) }
.swatch { display: inline-block; width: .9em; height: .9em; margin: 0 .3em 0 .9em; vertical-align: -.1em }
.initial { fill: var(--initial); background: var(--initial) } .healthy { fill: var(--healthy); background: var(--healthy) }
.unhealthy { fill: var(--unhealthy); background: var(--unhealthy) }
.draining { fill: var(--draining); background: var(--draining) } .unused { fill: var(--unused); background: var(--unused) }
.hook { fill: var(--hook); background: var(--hook) } .failed { stroke: var(--failed); background: var(--failed) }
.sigterm { stroke: var(--ink); stroke-width: 2 } .grid { stroke: var(--line) }`

const legend = ['initial', 'healthy', 'unhealthy', 'draining', 'unused', 'hook', 'failed']
  .map((name) => `<span class="swatch ${name}"></span>${legendName(name)}`)
  .join('')
  .concat(' &emsp; <b>|</b> SIGTERM for the app')

function legendName(name: string): string {
  if (name === 'hook') return 'preStop hook held'
  return name === 'failed' ? 'failed request' : `target ${name}`
}

function table(figures: readonly Figures[]): string {
  const rows = figures.map(
    ({
      name,
      requests,
      failed,
      podSeconds,
      longestPodSeconds,
      seconds,
    }) => `<tr><td>${escaped(name)}</td>
<td>${requests}</td><td class="${failed > 0 ? 'bad' : ''}">${failed}</td><td>${podSeconds.toFixed(1)}</td>
<td>${longestPodSeconds.toFixed(1)}</td><td>${seconds.toFixed(1)}</td></tr>`,
  )
  const head = ['', 'requests', 'failed', 's per pod, mean', 's per pod, longest', 's in all']
  return `<table><tr>${head.map((cell) => `<th>${cell}</th>`).join('')}</tr>${rows.join('')}</table>`
}

const left = 90
const width = 1_000
const rowHeight = 34

function section(record: Record, longestMs: number): string {
  const x = (ms: number) => left + (Math.max(0, ms) / longestMs) * (width - left - 10)
  const stories = storiesOf(record)
  const height = stories.length * rowHeight + 24
  const rows = stories.map((story, index) => podRow(story, index * rowHeight + 4, x))
  return `<h2>${escaped(record.name)}</h2>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Timeline of the pods: ${escaped(record.name)}">
${grid(longestMs, height, x)}
${rows.join('\n')}
</svg>`
}

function podRow(story: PodStory, y: number, x: (ms: number) => number): string {
  const bar = (from: number, to: number, dy: number, height: number, kind: string, title: string) =>
    `<rect class="${kind}" x="${x(from).toFixed(1)}" y="${y + dy}" width="${Math.max(1, x(to) - x(from)).toFixed(1)}" height="${height}"><title>${escaped(title)}</title></rect>`
  const stroke = (at: number, kind: string, from: number, to: number, title: string) =>
    `<line class="${kind}" x1="${x(at).toFixed(1)}" x2="${x(at).toFixed(1)}" y1="${y + from}" y2="${y + to}"><title>${escaped(title)}</title></line>`
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
  const { hookMs, sigtermMs } = story
  return [
    `<text x="0" y="${y + 14}">${escaped(story.pod)}</text>`,
    ...story.states.map(({ state, fromMs, toMs }) =>
      bar(
        fromMs,
        toMs,
        0,
        14,
        state.split('.')[0] ?? state,
        `${state} ${seconds(fromMs)} to ${seconds(toMs)}`,
      ),
    ),
    hookMs
      ? bar(
          hookMs.from,
          hookMs.to,
          16,
          6,
          'hook',
          `hook held for ${seconds(hookMs.to - hookMs.from)}`,
        )
      : '',
    ...story.failedMs.map((at) => stroke(at, 'failed', 0, 14, `failed request at ${seconds(at)}`)),
    sigtermMs === undefined
      ? ''
      : stroke(sigtermMs, 'sigterm', -3, 25, `SIGTERM at ${seconds(sigtermMs)}`),
  ].join('')
}

function grid(longestMs: number, height: number, x: (ms: number) => number): string {
  const marks = Array.from({ length: Math.floor(longestMs / 10_000) + 1 }, (_, n) => n * 10_000)
  return marks
    .map(
      (ms) =>
        `<line class="grid" x1="${x(ms)}" x2="${x(ms)}" y1="0" y2="${height - 18}"/><text x="${x(ms)}" y="${height - 4}">${ms / 1_000} s</text>`,
    )
    .join('')
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
}
