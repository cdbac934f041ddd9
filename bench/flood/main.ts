/**
 * What callers who are up to no good cost the sidecar, and what they do to the kubelet's hook:
 * npm run bench:flood -- [--quick] [--unknown-node] [--limit MIB]
 *
 * Runs the bundle in dist/ with the image's flags, in a memory cgroup where one can be made (as root on
 * Linux), and plays one flood after the other from another process.
 */
import { parseArgs } from 'node:util'
import { say, wholeNumber } from '../world/print.ts'
import { createMemoryGroup } from './cgroup.ts'
import { floodsOf } from './floods.ts'
import { floodTable } from './rows.ts'
import { type Run, runFlood } from './run.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    'unknown-node': { type: 'boolean', default: false },
    limit: { type: 'string', default: '128' },
  },
})
const limitMib = wholeNumber('limit', values.limit)
const conditions = {
  on: { node: process.execPath },
  limitBytes: limitMib * 2 ** 20,
  drainMs: values.quick ? 10_000 : 30_000,
  node: values['unknown-node'] ? 'unknown' : 'known',
} as const

const trial = createMemoryGroup(conditions.limitBytes)
const limit = 'said' in trial ? 'no limit' : `${limitMib} MiB`
if ('said' in trial) say(`${trial.said}: without it only RSS is measured.`)
else await trial.remove()
say(`Node.js ${process.version}, ${limit}, a drain of ${conditions.drainMs / 1_000} s`)
const startedAtMs = performance.now()
const runs: Run[] = []
for (const flood of floodsOf(values.quick ? 'quick' : 'whole')) {
  runs.push(await runFlood(flood, conditions))
}
say(floodTable(runs))
say(`\nTook ${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s.`)
