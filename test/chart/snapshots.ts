/** Writes what the cases render to: node test/chart/snapshots.ts. Read the difference before you commit it. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Case, cases } from './cases.ts'
import { render } from './render.ts'

export function snapshotOf({ name }: Case): string {
  return join(import.meta.dirname, 'snapshots', `${name}.yaml`)
}

if (import.meta.main) {
  await mkdir(join(import.meta.dirname, 'snapshots'), { recursive: true })
  for (const each of cases) {
    await writeFile(snapshotOf(each), await render(each.chart, each.values))
  }
}
