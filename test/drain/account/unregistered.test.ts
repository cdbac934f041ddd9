import t from 'tap'
import { reportOf } from '../../../src/drain/account/report.ts'
import type { Claim, FoundGroup, PodSeen } from '../../../src/drain/ports.ts'
import { nothing, play, roomy } from '../../support/drain-under-test.ts'
import { deregisteredAt, type ScriptedGroup } from '../../support/scripted-balancer.ts'

const s = 1_000
const ready: PodSeen = { kind: 'pod', deletion: 'deleting', ready: true }
const absent = (deregistrationDelayMs?: number): ScriptedGroup => ({
  facts: deregistrationDelayMs === undefined ? {} : { deregistrationDelayMs },
  scenes: [[0, []]],
})

/** What comes of a pod that the first look, which comes as late as it may, does not find. */
async function released(
  groups: Readonly<Record<string, ScriptedGroup>>,
  claim: Exclude<Claim, 'named'> = 'bound',
  pod: PodSeen = ready,
) {
  const found = Object.keys(groups).map((group): FoundGroup => ({ group, facts: {}, claim }))
  const search = [[0, { ...nothing, groups: found }]] as const
  const limits = { spread: 0.999 }
  const { drain, clock } = await play(groups, limits, { search, pod: [[0, pod]] })
  return reportOf(drain.state(), { ...roomy, ...limits }, clock.now())
}

const odd = { outcome: 'unregistered', severity: 'warning', because: /it is ready; if it served/ }
const usual = { outcome: 'unregistered', severity: 'normal' }

t.test('in none of its groups, and ready: the wrong ones were looked at', async (t) => {
  t.match(await released({ web: absent(300 * s) }), odd)
  t.match(await released({ web: absent() }), odd, 'nor is its delay known')
  t.match(await released({ web: absent(300 * s) }, 'possible'), odd)
})

t.test('it may have left before the first look came', async (t) => {
  const quick = { web: deregisteredAt(1 * s, 5 * s) }
  const report = await released(quick)
  t.match(report, { ...usual, because: /^this pod was looked for, and is in none .* web/ })
  t.match(report.because, /it may have left them before/)
  const one = await released({ ...quick, other: absent(300 * s) })
  t.match(one, { ...usual, because: /it may have left them before/ }, 'one of them')
})

t.test('a rollout took it out of its groups before it was deleted', async (t) => {
  t.match(await released({ web: absent(300 * s) }, 'once-bound'), usual)
})

t.test('one that is not ready served nothing, as far as that is known', async (t) => {
  const pods: PodSeen[] = [
    { ...ready, ready: false },
    { kind: 'pod', deletion: 'deleting' },
  ]
  for (const pod of pods) t.match(await released({ web: absent(300 * s) }, 'bound', pod), usual)
})
