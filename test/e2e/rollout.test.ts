import t from 'tap'
import { play } from '../../lab/demo/play.ts'
import { figuresOf, storiesOf } from '../../lab/demo/record.ts'
import { scenarios } from '../../lab/demo/scenario.ts'
import { clock } from '../../src/time/clock.ts'
import { aside } from '../support/aside.ts'

// A rolling update takes most of a minute: beside each other.
t.jobs = 2

const audience = { event() {}, line() {}, loaded() {} }

t.test('a rolling update with draingate fails no request', aside(), async (t) => {
  const scenario = scenarios.find(({ exit }) => exit.kind === 'draingate')
  if (!scenario) throw new Error('no such scenario')
  const record = await play(scenario, 7, clock, audience)
  const { requests, failed } = figuresOf(record)
  // On a starved machine the lab itself may fail some; what counts is whether a leaving pod did.
  t.comment(`${failed} of ${requests} requests failed`)
  t.ok(requests > 100, `${requests} requests`)
  const old = storiesOf(record).filter(({ deletedMs }) => deletedMs !== undefined)
  t.equal(old.length, 3)
  for (const { pod, states, failedMs, sigtermMs = 0 } of old) {
    t.strictSame(failedMs, [], `no request failed on ${pod}`)
    const at = (name: string) => states.find(({ state }) => state === name)?.fromMs ?? Infinity
    t.ok(at('healthy') < at('draining'), `${pod} was deregistered`)
    t.ok(sigtermMs > at('unused'), `SIGTERM came to ${pod} after it was gone`)
  }
  t.strictSame(
    record.events.filter(({ kind }) => kind === 'hook-failed' || kind === 'sigkill'),
    [],
  )
})

t.test('the same update without a hook does fail some', aside(), async (t) => {
  const scenario = scenarios.find(({ exit }) => exit.kind === 'none')
  if (!scenario) throw new Error('no such scenario')
  const { failed } = figuresOf(await play(scenario, 7, clock, audience))
  t.ok(failed > 0, `${failed} failed`)
})
