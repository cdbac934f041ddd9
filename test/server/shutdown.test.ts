import t from 'tap'
import { shutDown } from '../../src/server/shutdown.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

function scene() {
  const clock = createVirtualClock()
  const hooked = new AbortController()
  const drained = Promise.withResolvers<void>()
  const story: string[] = []
  const ended = shutDown({
    clock,
    hooked: hooked.signal,
    drained: () => drained.promise,
    async close() {
      story.push(`closed at ${clock.now()}`)
    },
  })
  return { clock, hooked, drained, story, ended }
}

t.test('no hook: a few seconds for one that may be on its way', async (t) => {
  const { clock, ended, story } = scene()
  await clock.runUntil(ended)
  t.strictSame(story, ['closed at 5000'])
  t.equal(clock.sleepers(), 0)
})

t.test('a held hook is answered by its drain, not by the signal', async (t) => {
  const { clock, hooked, drained, ended, story } = scene()
  hooked.abort()
  await clock.advance(300_000)
  t.strictSame(story, [])
  drained.resolve()
  await clock.runUntil(ended)
  t.strictSame(story, ['closed at 300000'])
})

t.test('a hook that comes within those seconds is held like any other', async (t) => {
  const { clock, hooked, drained, ended, story } = scene()
  await clock.advance(4_000)
  hooked.abort()
  await clock.advance(60_000)
  t.strictSame(story, [])
  drained.resolve()
  await clock.runUntil(ended)
  t.strictSame(story, ['closed at 64000'])
})

t.test('a caller that does not read its answer cannot keep the process', async (t) => {
  const clock = createVirtualClock()
  const never = new Promise<void>(() => undefined)
  const deps = { clock, hooked: AbortSignal.abort(), drained: async () => undefined }
  await clock.runUntil(shutDown({ ...deps, close: () => never }))
  t.equal(clock.now(), 2_000)
})
