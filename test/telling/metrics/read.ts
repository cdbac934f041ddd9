/** A sample of an exposition by its name and labels, as it is written: `name{label="word"}`. */
export type Samples = ReadonlyMap<string, number>

const sample = /^([a-z_]+)((?:\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})?) (\S+)$/

/**
 * Reads Prometheus' text format, strictly: each metric says its help and its type before its samples,
 * and nothing is there twice.
 *
 * @throws At the first line that is wrong.
 */
export function read(text: string): Samples {
  const samples = new Map<string, number>()
  const said = new Set<string>()
  let open = ''
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  for (const line of text.slice(0, -1).split('\n')) {
    const [, word, about = '', what = ''] = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line) ?? []
    if (word) {
      if (said.has(`${word} ${about}`)) throw new Error(`said twice: ${line}`)
      if (word === 'TYPE' && !/^(gauge|counter)$/.test(what)) throw new Error(`no type: ${line}`)
      said.add(`${word} ${about}`)
      open = about
      continue
    }
    const [, name = '', labels = '', value = ''] = sample.exec(line) ?? []
    if (name !== open || !said.has(`HELP ${name}`) || !said.has(`TYPE ${name}`)) {
      throw new Error(`not announced: ${line}`)
    }
    if (samples.has(name + labels)) throw new Error(`there twice: ${line}`)
    samples.set(name + labels, numberOf(value, line))
  }
  return samples
}

function numberOf(value: string, line: string): number {
  if (value === '+Inf') return Infinity
  if (value === '-Inf') return -Infinity
  if (value !== 'NaN' && Number.isNaN(Number(value))) throw new Error(`no number: ${line}`)
  return Number(value)
}
