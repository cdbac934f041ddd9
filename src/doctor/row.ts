/** One thing that was looked at. */
export interface Row {
  readonly check: string
  readonly state: 'ok' | 'warn' | 'fail'
  /** What was found. */
  readonly said: string
  /** What to do about it. */
  readonly fix?: string
}

export const ok = (check: string, said: string): Row => ({ check, state: 'ok', said })
export const warn = (check: string, said: string, fix?: string): Row =>
  row(check, 'warn', said, fix)
export const fail = (check: string, said: string, fix?: string): Row =>
  row(check, 'fail', said, fix)

function row(check: string, state: Row['state'], said: string, fix: string | undefined): Row {
  return { check, state, said, ...(fix === undefined ? {} : { fix }) }
}

/** The rows as a table for a person: a fix stands below what it mends. */
export function tableOf(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ check }) => check.length))
  const lines = rows.flatMap(({ check, state, said, fix }) => {
    const head = `${state.padEnd(4)}  ${check.padEnd(width)}  `
    return [head + said, ...(fix ? [`${' '.repeat(head.length)}-> ${fix}`] : [])]
  })
  const count = (state: Row['state']) => rows.filter((one) => one.state === state).length
  const sum = `${count('ok')} ok, ${count('warn')} warn, ${count('fail')} fail`
  return `${lines.join('\n')}\n\n${sum}\n`
}
