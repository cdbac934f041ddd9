/** Writes the generated parts of the docs; with --check, only says which of them are out of date. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lookoutExample, lookoutMetrics } from '../src/lookout/server/metrics.ts'
import { settingsTable } from '../src/settings/help.ts'
import { metricsTable, tableOf } from '../src/telling/metrics/table.ts'
import { faultsTable } from '../test/faults/rows.ts'
import { valuesTable } from './values.ts'

export interface Generated {
  readonly file: string
  readonly is: string
  readonly shouldBe: string
}

/** Each document that has a generated part, as it is and as it should be. */
export async function generated(): Promise<Generated[]> {
  return [
    await part('docs/configuration.md', settingsTable()),
    await part('docs/faults.md', faultsTable()),
    await part('docs/metrics.md', metricsTables()),
    await part('chart/README.md', await valuesTable()),
  ]
}

/** A sidecar's metrics, and a lookout's. */
function metricsTables(): string {
  const lookout = tableOf(lookoutMetrics, lookoutExample)
  return `${metricsTable()}\n\nThose of a [lookout](lookout.md):\n\n${lookout}`
}

async function part(file: string, text: string): Promise<Generated> {
  const is = await readFile(join(import.meta.dirname, '..', file), 'utf8')
  const [, head, tail] = /^(.*<!-- generated -->).*(<!-- end of generated -->.*)$/s.exec(is) ?? []
  if (!head || !tail) throw new Error(`${file} has no generated part`)
  return { file, is, shouldBe: `${head}\n\n${text}\n\n${tail}` }
}

if (import.meta.main) {
  for (const { file, is, shouldBe } of await generated()) {
    if (is === shouldBe) continue
    if (process.argv.includes('--check')) {
      process.stderr.write(`${file} is out of date: npm run docs\n`)
      process.exitCode = 1
    } else {
      await writeFile(join(import.meta.dirname, '..', file), shouldBe)
      process.stdout.write(`wrote ${file}\n`)
    }
  }
}
