import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { pointsTable, quietTable } from '../../../bench/footprint/rows.ts'
import { cpuMsOf, memoryOf } from '../../../bench/footprint/usage.ts'

const mib = 2 ** 20

t.test('reads what Linux says of a process', async (t) => {
  const proc = t.testdir()
  for (const thread of ['7', '8']) mkdirSync(join(proc, '7/task', thread), { recursive: true })
  const rollup = ['Rss:    2048 kB', 'Pss:    1536 kB', 'Pss_Anon:   9 kB', 'Anonymous:   1024 kB']
  writeFileSync(join(proc, '7/smaps_rollup'), `00-ff ---p [rollup]\n${rollup.join('\n')}\n`)
  writeFileSync(join(proc, '7/status'), 'Name:\tnode\nVmHWM:\t    4096 kB\nVmRSS:\t 2048 kB\n')
  writeFileSync(join(proc, '7/task/7/schedstat'), '1500000 20 3\n')
  writeFileSync(join(proc, '7/task/8/schedstat'), '500000 20 3\n')
  t.same(memoryOf(7, proc), { rss: 2 * mib, pss: 1.5 * mib, anon: mib, peak: 4 * mib })
  t.equal(cpuMsOf(7, proc), 2)
  t.equal(memoryOf(8, proc), undefined, 'no such process, or no /proc')
  t.equal(cpuMsOf(8, proc), undefined)
})

t.test('reads its own', { skip: process.platform !== 'linux' }, async (t) => {
  const { rss = 0, pss = 0, anon = 0, peak = 0 } = memoryOf(process.pid) ?? {}
  t.ok(
    anon > mib && pss >= anon && rss >= pss && peak >= rss * 0.9,
    `${rss} ${pss} ${anon} ${peak}`,
  )
  t.ok((cpuMsOf(process.pid) ?? 0) > 10)
})

t.test('tables show ratios and growth, and a dash for what was not measured', async (t) => {
  const memory = { rss: 30 * mib, pss: 20 * mib, anon: 10 * mib, peak: 40 * mib }
  const half = { rss: 15 * mib, pss: 10 * mib, anon: 5 * mib, peak: 20 * mib }
  const quiet = [
    { name: 'draingate', readyMs: [300], memory, cpuMs: 10 },
    { name: 'between', readyMs: [200], memory, cpuMs: 10 },
    { name: 'bare server', readyMs: [100], memory: half, cpuMs: 20 },
  ]
  const table = quietTable(quiet, half, 30_000)
  t.match(table, /^draingate +300 +30\.0 +20\.0 +10\.0 +20\.0$/m)
  t.match(table, /^bare server +100 +15\.0 +10\.0 +5\.0 +40\.0$/m)
  t.match(table, /^ratio +3\.00 +2\.00 +2\.00 +2\.00 +0\.50$/m)
  t.match(table, /^sleep +- +15\.0 +10\.0 +5\.0 +-$/m)
  const nothing = { memory: undefined, cpuMs: undefined }
  const blind = quiet.map((row) => ({ ...row, ...nothing }))
  t.match(quietTable(blind, undefined, 1), /^ratio +3\.00 +- +- +- +-$/m)
  const points = pointsTable([
    { name: 'first', memory: half },
    { name: 'then', memory },
  ])
  t.match(points, /^then +30\.0 +20\.0 +10\.0 +40\.0$/m)
  const collected = pointsTable([
    { name: 'first', memory: half, liveHeap: 5 * mib },
    { name: 'then', memory, liveHeap: 5.5 * mib },
  ])
  t.match(collected, /^then +30\.0 +20\.0 +10\.0 +40\.0 +5\.50 +0\.50$/m)
})
