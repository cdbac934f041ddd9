import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Flood, floodsOf } from '../../../bench/flood/floods.ts'
import { floodTable } from '../../../bench/flood/rows.ts'
import { runFlood } from '../../../bench/flood/run.ts'

const mib = 2 ** 20
const notBuilt = existsSync(join(import.meta.dirname, '../../../dist/draingate.js'))
  ? false
  : 'npm run build'
const skip = process.platform === 'linux' ? notBuilt : 'needs more loopback addresses'

t.test('a flood is played in the middle of a drain', { skip }, async (t) => {
  const on = { node: process.execPath }
  const conditions = { on, limitBytes: 512 * mib, drainMs: 4_000, node: 'known' } as const
  const hooks: Flood = { name: 'hooks', does: 'hold', connections: 100, requests: 1, peers: 1 }
  const { shed, probed, ...run } = await runFlood(hooks, conditions)
  t.match(run.hooks, Array(3).fill({ kind: 'answered', outcome: 'settled' }))
  t.ok(run.hooks.every(({ atMs }) => atMs >= run.dueAtMs))
  t.equal(shed, 100 - 64)
  t.ok(probed.answered > 0 && probed.asked >= probed.answered)
  t.ok((run.rssPeak ?? 0) > mib)
})

t.test('the floods are those that are promised', async (t) => {
  const size = (name: string) => floodsOf('whole').find((flood) => flood.name === name)
  t.match(size('pipelines'), { requests: 100_000 })
  t.match(size('silent'), { connections: 5_000 })
  t.match(size('hooks'), { connections: 3_000 })
  t.equal(floodsOf('quick').length, floodsOf('whole').length)
})

t.test('the table shows how late hooks were, and what was lost', async (t) => {
  const answered = { kind: 'answered', atMs: 10_250, outcome: 'settled' } as const
  const lost = { kind: 'lost', atMs: 4_000, said: 'ECONNRESET' } as const
  const probed = { asked: 8, answered: 7, longestMs: 12.4 }
  const run = { name: 'hooks', dueAtMs: 10_000, hooks: [answered, lost, answered], probed }
  const table = floodTable([
    { ...run, groupPeak: 48 * mib, rssPeak: 90.5 * mib, kills: 0, shed: 3 },
    { ...run, groupPeak: undefined, rssPeak: undefined, kills: 1, shed: 0 },
  ])
  t.match(table, /^hooks +48\.0 +90\.5 +0\.25 +ECONNRESET at -6\.00 +0\.25 +7 of 8 +12 +3$/m)
  t.match(table, /^hooks \(killed\) +- +- /m)
})
