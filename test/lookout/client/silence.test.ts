import t from 'tap'
import { createSilence } from '../../../src/lookout/client/silence.ts'

const s = 1_000
const lost = { kind: 'unreachable', said: 'away' } as const
const seen = { kind: 'seen', sightings: [], group: 'serving', othersDraining: 0 } as const

function scene(spread = 0.5, fallbackMs = 30 * s) {
  const clock = { nowMs: 100 * s, now: () => clock.nowMs }
  const silence = createSilence({ clock, fallbackMs, spread, callsPerSecond: 5 })
  return { clock, silence }
}

t.test('pods that lose their lookout together ask AWS one after the other', async (t) => {
  const firstMs = (spread: number, fallbackMs?: number) => {
    const { clock, silence } = scene(spread, fallbackMs)
    silence.heard('web', clock.nowMs, lost)
    const fromMs = clock.nowMs
    while (!silence.isOwnTurn('web')) clock.nowMs += 100
    return clock.nowMs - fromMs
  }
  t.strictSame(
    [0, 0.5, 1].map((spread) => firstMs(spread)),
    [2 * s, 6 * s, 10 * s],
  )
  t.strictSame(
    [0, 0.5, 1].map((spread) => firstMs(spread, 12 * s)),
    [2 * s, 3 * s, 4 * s],
  )
  t.equal(firstMs(1, 300 * s), 12 * s)
})

t.test('then with regard for all who drain, and longer where AWS throttles', async (t) => {
  const pauses = (own: Parameters<ReturnType<typeof createSilence>['looked']>[1], times = 1) => {
    const { clock, silence } = scene()
    silence.heard('web', clock.nowMs, lost)
    for (let nth = 0; nth < times; nth += 1) silence.looked('web', own)
    const fromMs = clock.nowMs
    while (!silence.isOwnTurn('web')) clock.nowMs += 100
    return (clock.nowMs - fromMs) / s
  }
  t.equal(pauses(seen), 0.2)
  t.equal(pauses({ ...seen, othersDraining: 99 }), 20)
  t.equal(pauses({ ...seen, othersDraining: 9_999 }), 120)
  const throttled = { kind: 'throttled', said: 'x' } as const
  t.strictSame(
    [1, 2, 3, 9].map((times) => pauses(throttled, times)),
    [20, 40, 80, 120],
  )
})

t.test('a lookout that answers ends it, for its group', async (t) => {
  const { clock, silence } = scene()
  silence.heard('web', clock.nowMs, lost)
  silence.heard('api', clock.nowMs, lost)
  clock.nowMs += 60 * s
  t.equal(silence.heard('web', clock.nowMs, lost), 'own-turn')
  t.equal(silence.heard('web', clock.nowMs, undefined), 'wait')
  t.notOk(silence.of('web'))
  t.ok(silence.of('api'))
})
