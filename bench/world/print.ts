/** Rows as text, the first one the head; the first column is flush left. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Milliseconds as seconds with one decimal; a dash for what was not measured. */
export function seconds(ms: number): string {
  return Number.isFinite(ms) ? (ms / 1_000).toFixed(1) : '-'
}

/** A share as percent: `0` only when there is nothing at all. */
export function percent(part: number, whole: number): string {
  if (part === 0) return '0 %'
  const share = (100 * part) / whole
  return share < 0.1 ? '<0.1 %' : `${share.toFixed(1)} %`
}

/** A whole number from the command line. Ends the process with code 2 when it is none. */
export function wholeNumber(flag: string, value: string): number {
  const number = Number(value)
  if (value !== '' && Number.isSafeInteger(number) && number >= 0) return number
  process.stderr.write(`--${flag}: '${value}' is not a whole number\n`)
  process.exit(2)
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
