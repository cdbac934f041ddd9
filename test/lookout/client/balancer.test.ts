import t from 'tap'
import { numberAt } from '../../../src/cluster/json.ts'
import type { Ask } from '../../../src/lookout/client/ask.ts'
import { createBalancer } from '../../../src/lookout/client/balancer.ts'
import { createSource } from '../../../src/lookout/client/source.ts'
import { healthy, scriptedBalancer, showing } from '../../support/scripted-balancer.ts'
import { podObject, scriptedCluster, sourceOf } from '../../support/scripted-cluster.ts'
import { createVirtualClock } from '../../support/virtual-clock.ts'

const never = new AbortController().signal
const away = { kind: 'unreachable', said: 'lookout 10.0.0.1:8089: ECONNREFUSED' } as const
const seen = { kind: 'seen', sightings: [], group: 'serving', othersDraining: 0 }
const throttled = { kind: 'throttled', said: 'too many wait already' }

/** A lookout that answers so; undefined: it is not there. */
function scene(answer: unknown, otherwise: 'nobody' | 'self' = 'nobody', fallbackMs = 30_000) {
  const clock = createVirtualClock()
  const asked: { question: string; thing: string; body: object }[] = []
  const script = { answer }
  const ask: Ask = async ({ question, thing, body, read, lost: lostIn }) => {
    asked.push({ question, thing, body: body(0) })
    const told = read(script.answer)
    if (told === undefined) return { kind: 'unanswered', failure: away }
    const lost = lostIn?.(told)
    return { kind: 'told', answer: told, askedAtMs: 7, ...(lost ? { lost } : {}) }
  }
  const self = scriptedBalancer(clock, { web: showing({ 0: [healthy] }) })
  const own = sourceOf(scriptedCluster({}), clock)
  const isSelf = otherwise === 'self'
  const deps = { ask, clock, fallbackMs }
  const balancer = createBalancer({
    ...deps,
    spread: 0.5,
    callsPerSecond: 5,
    otherwise: isSelf ? self : undefined,
  })
  const source = createSource({ ...deps, otherwise: isSelf ? own : undefined })
  const run = <T>(promise: Promise<T>) => clock.runUntil(promise)
  return { clock, script, asked, self, balancer, source, run }
}

t.test('a look is as old as the call that it rests on', async (t) => {
  const { balancer, asked, run } = scene(seen)
  t.strictSame(await run(balancer.look('web', never)), { ...seen, askedAtMs: 7 })
  t.strictSame(asked, [
    { question: 'look', thing: 'web', body: { group: 'web', patienceMs: 20_000 } },
  ])
})

t.test('what AWS refuses the lookout is told as it is, and nobody else is asked', async (t) => {
  const { balancer, clock, self, run } = scene(throttled, 'self')
  t.strictSame(await run(balancer.look('web', never)), { ...throttled, askedAtMs: 7 })
  await clock.advance(60_000)
  t.strictSame(await run(balancer.look('web', never)), { ...throttled, askedAtMs: 7 })
  t.strictSame([...self.looks, ...self.descriptions], [])
})

for (const lost of [undefined, { kind: 'denied', said: 'allow it' }, away]) {
  t.test(`where no lookout knows, the pod looks itself, if it may (${lost?.kind})`, async (t) => {
    const { balancer, source, clock, script, asked, self, run } = scene(lost, 'self')
    const failure = lost ?? away
    // Not at once: thousands lose their lookout together, and share one budget of calls.
    t.match(await run(balancer.look('web', never)), failure)
    await clock.advance(5_900)
    t.match(await run(balancer.look('web', never)), failure)
    t.equal(self.looks.length, 0)
    await clock.advance(200)
    const before = clock.now()
    const look = await run(balancer.look('web', never))
    t.match(look, { kind: 'seen', sightings: [{ state: 'healthy' }] })
    t.equal(look.askedAtMs, before, 'as old as its own call')
    t.match(await run(balancer.describe('web', ['delay'], never)), {
      facts: { deregistrationDelayMs: 60_000 },
    })
    t.equal(self.looks.length, 1)
    t.match((await run(source.pod(never))).object, { said: /by script|malformed|404/ })
    // A lookout that is back is heard of at once, though there may be no turn for long.
    t.match(asked.at(-2)?.body ?? asked.at(-1)?.body, { group: 'web' })
    script.answer = seen
    t.strictSame(await run(balancer.look('web', never)), { ...seen, askedAtMs: 7 })
    t.match(asked.at(-1)?.body, { patienceMs: 1_000 })
    await run(balancer.look('web', never))
    t.match(asked.at(-1)?.body, { patienceMs: 20_000 })
  })
}

t.test('else it is a failure like any other, and says whose', async (t) => {
  const { balancer, source, run } = scene(undefined)
  t.strictSame(await run(balancer.look('web', never)), away)
  t.strictSame(await run(balancer.describe('web', ['kind'], never)), {
    ...{ kind: 'described', facts: {}, missing: [away] },
  })
  t.match(await run(source.pod(never)), { object: away, serverMs: Number.NaN })
  t.match(await run(source.tell({ reason: 'Drained', type: 'Normal', message: 'x' }, never)), away)
})

t.test('an answer that is none is no answer', async (t) => {
  for (const none of [
    null,
    {},
    [],
    'seen',
    { kind: 'seen' },
    { kind: 'described' },
    { kind: 'pod' },
  ]) {
    const { balancer, source, run } = scene(none)
    t.strictSame(await run(balancer.look('web', never)), away)
    t.match(await run(balancer.describe('web', ['kind'], never)), { missing: [away] })
    t.match(await run(source.pod(never)), { object: away })
  }
})

t.test('an answer comes well before the drain takes it for silence', async (t) => {
  for (const [fallbackMs, patienceMs] of [
    [5_000, 3_333],
    [30_000, 20_000],
    [600_000, 20_000],
  ] as const) {
    const { balancer, asked, run } = scene(seen, 'nobody', fallbackMs)
    await run(balancer.look('web', never))
    const told = asked.map(({ body }) => Math.floor(numberAt(body, 'patienceMs') ?? 0))
    t.strictSame(told, [patienceMs])
  }
})

t.test('who is told to come again waits for it, but no longer than it is patient', async (t) => {
  for (const [againInMs, fallbackMs, expected] of [
    [5_000, 30_000, 5_000],
    [60_000, 30_000, 20_000],
    [60_000, 6_000, 4_000],
    // And a second at the least, for its drain asks again at once.
    [0, 30_000, 1_000],
    [-5_000, 30_000, 1_000],
    ['5000', 30_000, 1_000],
  ] as const) {
    const { balancer, clock, run } = scene({ ...throttled, againInMs }, 'nobody', fallbackMs)
    t.match(await run(balancer.look('web', never)), { ...throttled, askedAtMs: 7 })
    t.equal(clock.now(), expected)
  }
})

t.test('and not at all when its drain is over', async (t) => {
  const { balancer, clock, run } = scene({ ...throttled, againInMs: 5_000 })
  const over = new AbortController()
  const look = balancer.look('web', over.signal)
  await clock.advance(1_000)
  over.abort()
  await run(look)
  t.equal(clock.now(), 1_000)
})

t.test('of the pod, of its bindings, and its events: one lookout for all pods', async (t) => {
  const told = scene({ kind: 'pod', object: podObject(), serverMs: 5 })
  t.match(await told.run(told.source.pod(never)), {
    ...{ object: { uid: 'u-1', gracePeriodMs: 60_000 }, serverMs: 5, askedAtMs: 7 },
  })
  const event = { reason: 'Drained', type: 'Normal', message: 'x' } as const
  const heard = scene({ kind: 'told' })
  t.equal(await heard.run(heard.source.tell(event, never)), undefined)
  const refusal = { kind: 'denied', said: 'no', status: 403 }
  const refused = scene(refusal)
  t.strictSame(await refused.run(refused.source.tell(event, never)), refusal)
  t.strictSame(
    [told, heard].flatMap(({ asked }) => asked),
    [
      { question: 'pod', thing: 'cluster', body: {} },
      { question: 'event', thing: 'cluster', body: event },
    ],
  )
})

t.test('no bindings are told of: that is not that there are none', async (t) => {
  const pod = { object: 'web-1' } as never
  for (const answer of [undefined, { kind: 'discovery' }, { kind: 'discovery', bindings: [] }]) {
    const { source, run } = scene(answer)
    t.match(await run(source.bindings(pod, never)), { bindings: [], missing: [away] })
  }
  const { source, run } = scene({ kind: 'gone', said: 'another pod' })
  t.match(await run(source.bindings(pod, never)), { missing: [{ kind: 'gone' }] })
})
