import t from 'tap'
import { shutDown } from '../../src/server/shutdown.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

function scene() {
  const clock = createVirtualClock()
  const story: string[] = []
  let drain: Promise<void> | undefined
  let hooked = new AbortController()
  const deps = {
    clock,
    nextHook() {
      hooked = new AbortController()
      return hooked.signal
    },
    joined: () => drain,
    async close() {
      story.push(`closed at ${clock.now()}`)
    },
  }
  /** A hook comes. */
  function hook() {
    const drained = Promise.withResolvers<void>()
    drain = drained.promise
    hooked.abort()
    return {
      end: drained.resolve,
      /** Ends in a way that answers no later hook. */
      endForNow() {
        drain = undefined
        drained.resolve()
      },
    }
  }
  return { clock, story, hook, deps, shutDown: () => shutDown(deps) }
}

t.test('no hook: a few seconds for one that may be on its way', async (t) => {
  const { clock, shutDown, story } = scene()
  await clock.runUntil(shutDown())
  t.strictSame(story, ['closed at 5000'])
  t.equal(clock.sleepers(), 0)
})

t.test('a held hook is answered by its drain, not by the signal', async (t) => {
  const { clock, hook, shutDown, story } = scene()
  const held = hook()
  const ended = shutDown()
  await clock.advance(300_000)
  t.strictSame(story, [])
  held.end()
  await clock.runUntil(ended)
  t.strictSame(story, ['closed at 300000'])
})

t.test('a hook that comes within those seconds is held like any other', async (t) => {
  const { clock, hook, shutDown, story } = scene()
  const ended = shutDown()
  await clock.advance(4_000)
  const held = hook()
  await clock.advance(60_000)
  t.strictSame(story, [])
  held.end()
  await clock.runUntil(ended)
  t.strictSame(story, ['closed at 64000'])
})

t.test('after the end of a restart, the hook of a deletion may be on its way', async (t) => {
  const { clock, hook, shutDown, story } = scene()
  const restart = hook()
  const ended = shutDown()
  await clock.advance(30_000)
  restart.endForNow()
  // The kubelet deletes the pod only when the restart's hook is answered, however long that took.
  await clock.advance(4_000)
  const deletion = hook()
  await clock.advance(60_000)
  t.strictSame(story, [])
  deletion.end()
  await clock.runUntil(ended)
  t.strictSame(story, ['closed at 94000'])
})

t.test('a few seconds after such an end, no other hook is waited for', async (t) => {
  const { clock, hook, shutDown, story } = scene()
  const held = hook()
  const ended = shutDown()
  await clock.advance(30_000)
  held.endForNow()
  await clock.runUntil(ended)
  t.strictSame(story, ['closed at 35000'])
})

t.test('a caller that does not read its answer cannot keep the process', async (t) => {
  const { clock, hook, deps } = scene()
  hook().end()
  const never = new Promise<void>(() => undefined)
  await clock.runUntil(shutDown({ ...deps, close: () => never }))
  t.equal(clock.now(), 2_000)
})
