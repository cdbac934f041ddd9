import t from 'tap'
import { drainUnderTest, type PodScript } from '../support/drain-under-test.ts'
import {
  deregisteredAt,
  draining,
  failure,
  healthy,
  type ScriptedGroup,
} from '../support/scripted-balancer.ts'

const s = 1_000
const facts = {
  deregistrationDelayMs: 60 * s,
  loadBalancer: 'application' as const,
  targetType: 'ip' as const,
}
const deleting = { kind: 'pod', deletion: 'deleting', graceEndsAtMs: 330 * s } as const

/** A hook at once, and another at 100 s, well within the grace period. */
async function twoHooks(...world: Parameters<typeof drainUnderTest>) {
  const { clock, drain } = drainUnderTest(world[0], { graceMs: 330 * s, ...world[1] }, world[2])
  const first = await clock.runUntil(drain.join())
  await clock.advance(100 * s - clock.now())
  const second = await clock.runUntil(drain.join())
  return { first: first.outcome.kind, second: second.outcome.kind, heldMs: second.atMs - 100 * s }
}

t.test('a pod that was seen to leave has left: a later hook is answered at once', async (t) => {
  const { second, heldMs } = await twoHooks({ a: deregisteredAt(5 * s, 30 * s) })
  t.equal(second, 'deregistered')
  t.ok(heldMs <= 0)
})

t.test('a pod that was only unhealthy may have come back: a later hook waits anew', async (t) => {
  const scenes = [
    [0, [{ state: 'unhealthy', reason: 'Target.Timeout' }]],
    [60 * s, [healthy]],
    [105 * s, [draining]],
    [165 * s, []],
  ] as const
  const { first, second, heldMs } = await twoHooks({ a: { facts, scenes } })
  t.equal(first, 'deregistered')
  t.equal(second, 'deregistered')
  t.ok(heldMs >= 65 * s, `held for ${heldMs}`)
})

t.test('a pod that was in no group may have been registered since', async (t) => {
  const scenes = [
    [0, []],
    [60 * s, [healthy]],
    [105 * s, [draining]],
    [165 * s, []],
  ] as const
  const { first, second, heldMs } = await twoHooks({ a: { facts, scenes } })
  t.equal(first, 'unregistered')
  t.equal(second, 'deregistered')
  t.ok(heldMs >= 65 * s, `held for ${heldMs}`)
})

t.test('a fallback and a deadline prove nothing either', async (t) => {
  const scenes = [
    [0, failure('unreachable')],
    [60 * s, [healthy]],
    [105 * s, [draining]],
    [165 * s, []],
  ] as const
  const { first, heldMs } = await twoHooks({ a: { facts, scenes } })
  t.equal(first, 'fallback')
  t.ok(heldMs >= 65 * s, `held for ${heldMs}`)
  const short = { graceMs: 102 * s, reserveMs: 5 * s }
  const late = await twoHooks({ a: deregisteredAt(130 * s, 10 * s) }, short)
  t.equal(late.first, 'deadline')
  t.ok(late.heldMs >= 40 * s, `held for ${late.heldMs}`)
})

t.test('while the pod is known to be deleted, whatever ended its drain stays good', async (t) => {
  const scenes = [[0, failure('unreachable')]] as const
  const { first, heldMs } = await twoHooks({ a: { facts, scenes } }, {}, { pod: [[0, deleting]] })
  t.equal(first, 'fallback')
  t.ok(heldMs <= 0)
})

t.test('a pod that only restarts, and was deregistered meanwhile, comes back', async (t) => {
  const scenes = [
    [0, [healthy]],
    [3 * s, [draining]],
    [33 * s, []],
    [70 * s, [healthy]],
    [105 * s, [draining]],
    [165 * s, []],
  ] as const
  const staying = { kind: 'pod', deletion: 'staying', graceMs: 330 * s } as const
  const pod = [
    [0, staying],
    [100 * s, { ...deleting, graceEndsAtMs: 430 * s }],
  ] as const
  const { first, second, heldMs } = await twoHooks({ a: { facts, scenes } }, {}, { pod })
  t.equal(first, 'deregistered')
  t.equal(second, 'deregistered')
  t.ok(heldMs >= 65 * s, `held for ${heldMs}`)
})

const staying = { kind: 'pod', deletion: 'staying', graceMs: 330 * s } as const
const rests = { a: { facts, scenes: [[0, [healthy]] as const] } }

t.test(
  'the hook of a deletion that joins the drain of a restart is not let go with it',
  async (t) => {
    const scenes = [
      [0, [healthy]],
      [18 * s, [draining]],
      [78 * s, []],
    ] as const
    const leaving = { ...deleting, graceEndsAtMs: 345 * s }
    const pod = [
      [0, staying],
      [15.05 * s, leaving],
    ] as const
    // The look at the bound of the restart takes a while, and tells of when it was asked.
    const slow = { a: { facts, scenes } }
    const { clock, drain } = drainUnderTest(slow, {}, { pod, podLatencyMs: 200 })
    const first = drain.join()
    await clock.advance(15.1 * s)
    t.equal(drain.join(), first)
    const { outcome, atMs } = await clock.runUntil(first)
    t.equal(outcome.kind, 'deregistered')
    t.ok(atMs >= 78 * s, `released at ${atMs}`)
  },
)

t.test(
  'where nothing is told of the pod, its grace period counts from the latest hook',
  async (t) => {
    const limits = { graceMs: 60 * s, reserveMs: 5 * s }
    const { clock, drain } = drainUnderTest(rests, limits)
    const first = drain.join()
    await clock.advance(40 * s)
    drain.join()
    const { outcome, atMs } = await clock.runUntil(first)
    t.equal(outcome.kind, 'deadline')
    t.equal(atMs, 95 * s)
  },
)

t.test('so does the time that is held for when nothing can be learnt', async (t) => {
  const silent = { a: { facts, scenes: [[0, failure('unreachable')] as const] } }
  const { clock, drain } = drainUnderTest(silent)
  const first = drain.join()
  await clock.advance(20 * s)
  drain.join()
  const { outcome, atMs } = await clock.runUntil(first)
  t.equal(outcome.kind, 'fallback')
  t.equal(atMs, 50 * s)
})

t.test(
  'an API server that is down when the hook comes: the pod told its grace period before',
  async (t) => {
    const known = { kind: 'pod', deletion: 'cannot-tell', graceMs: 330 * s } as const
    const pod = [[0, { ...failure('unreachable'), known }]] as const
    const gone = deregisteredAt(5 * s, 60 * s)
    const { end, changes } = drainUnderTest({ a: gone }, { graceMs: 30 * s }, { pod })
    const { outcome, atMs } = await end()
    t.equal(outcome.kind, 'deregistered')
    t.ok(atMs >= 65 * s, `released at ${atMs}`)
    t.notOk(changes.some(({ kind }) => kind === 'grace-too-short'))
  },
)

t.test(
  'a pod that was deleted by force: released at once, and not for want of answers',
  async (t) => {
    const deleted = { kind: 'pod', deletion: 'deleted', graceEndsAtMs: 3 * s } as const
    const silent = { a: { facts, scenes: [[0, failure('unreachable')] as const] } }
    for (const groups of [rests, silent]) {
      const pod = [
        [0, staying],
        [3 * s, deleted],
      ] as const
      const { outcome, atMs } = await drainUnderTest(groups, {}, { pod }).end()
      t.equal(outcome.kind, 'deadline')
      t.equal(atMs, 5 * s)
    }
  },
)

t.test('a restart whose time is short is told from a deletion in time', async (t) => {
  const short = { ...staying, graceMs: 12 * s }
  const { outcome, atMs } = await drainUnderTest(
    rests,
    { reserveMs: 5 * s },
    { pod: [[0, short]] },
  ).end()
  t.equal(outcome.kind, 'not-terminating')
  t.equal(atMs, 5 * s)
})

t.test('a deletion joins the drain of a restart while its API server is down', async (t) => {
  const scenes = [
    [0, [healthy]],
    [12 * s, [draining]],
    [72 * s, []],
  ] as const
  // A probe's own grace period is the restart's, and not the deletion's.
  const known = { kind: 'pod', deletion: 'cannot-tell', graceMs: 120 * s } as const
  const pod = [
    [0, { ...staying, graceMs: 30 * s }],
    [9 * s, { ...failure('unreachable'), known }],
  ] as const
  const { clock, drain } = drainUnderTest({ a: { facts, scenes } }, {}, { pod })
  const first = drain.join()
  await clock.advance(10 * s)
  drain.join()
  const { outcome, atMs } = await clock.runUntil(first)
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 72 * s, `released at ${atMs}`)
})

t.test('the time that a restart is given counts from the latest hook, too', async (t) => {
  const scenes = [
    [0, [healthy]],
    [17 * s, [draining]],
    [77 * s, []],
  ] as const
  // A node that shuts down ends its pods without deleting them.
  const { clock, drain } = drainUnderTest({ a: { facts, scenes } }, {}, { pod: [[0, staying]] })
  const first = drain.join()
  await clock.advance(14.9 * s)
  drain.join()
  const { outcome } = await clock.runUntil(first)
  t.equal(outcome.kind, 'deregistered')
})

t.test('a grace period that is all reserve: no answer could have come', async (t) => {
  const limits = { reserveMs: 30 * s }
  const end = async (pod: PodScript, scenes: ScriptedGroup['scenes'] = [[0, [healthy]]]) => {
    const { outcome, atMs } = await drainUnderTest({ a: { facts, scenes } }, limits, { pod }).end()
    return `${outcome.kind} at ${atMs}`
  }
  t.equal(await end([[0, { ...staying, graceMs: 30 * s }]]), 'not-terminating at 0')
  t.equal(await end([[0, { ...deleting, graceEndsAtMs: 30 * s }]]), 'deadline at 0')
  const byForce = { kind: 'pod', deletion: 'deleted', graceEndsAtMs: 3 * s } as const
  const taken = [
    [0, staying],
    [3 * s, byForce],
  ] as const
  t.equal(await end(taken, [[0, failure('throttled')]]), 'deadline at 5000')
})
