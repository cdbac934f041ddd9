import t from 'tap'
import { watchReadiness } from '../../../lab/kubelet/probe.ts'
import { createHandSetClock } from '../hand-set-clock.ts'

t.test('one pass makes ready, three misses in a row unready', async (t) => {
  const clock = createHandSetClock()
  const stop = new AbortController()
  const answers = [undefined, 503, 200, 399, undefined, 404, 200, 500, 500, 500, 500, 204]
  const seen: [boolean, number][] = []
  const watching = watchReadiness(
    { path: '/healthz', port: 8080 },
    {
      ...{ ip: '10.0.1.7', clock, secondMs: 100, signal: stop.signal },
      network: { ask: () => Promise.resolve(answers.shift()) },
      setReady: (ready) => seen.push([ready, clock.now()]),
    },
  )
  await clock.advance(11_500)
  stop.abort()
  await watching
  t.strictSame(seen, [
    [true, 2000],
    [false, 9000],
    [true, 11_000],
  ])
})
