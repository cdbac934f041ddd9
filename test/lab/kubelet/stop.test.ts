import t from 'tap'
import type { Container } from '../../../lab/kubelet/container.ts'
import { stopContainer } from '../../../lab/kubelet/stop.ts'
import { createHandSetClock } from '../hand-set-clock.ts'

function setUp(hook?: Promise<void>) {
  const clock = createHandSetClock()
  const exit = Promise.withResolvers<void>()
  let running = true
  void exit.promise.then(() => {
    running = false
  })
  const seen: [string, number][] = []
  const container: Container = {
    name: 'app',
    start() {},
    running: () => running,
    ready: () => true,
    report: () => t.bailout('nobody asks here') as never,
    exited: () => exit.promise,
    hook: () => hook,
    terminate() {
      seen.push(['SIGTERM', clock.now()])
      return true
    },
    kill() {
      if (!running) return
      seen.push(['SIGKILL', clock.now()])
      exit.resolve()
    },
  }
  const deps = { clock, secondMs: 1000, signal: new AbortController().signal }
  return { clock, exit, seen, container, deps }
}

t.test('without a hook: SIGTERM at once, SIGKILL after the grace period', async (t) => {
  const { clock, seen, container, deps } = setUp()
  const stopped = stopContainer(container, 30, [], deps)
  await clock.advance(60_000)
  await stopped
  t.strictSame(seen, [
    ['SIGTERM', 0],
    ['SIGKILL', 30_000],
  ])
})

t.test('what a hook took counts in whole seconds, cut down', async (t) => {
  const hook = Promise.withResolvers<void>()
  const { clock, seen, container, deps } = setUp(hook.promise)
  const stopped = stopContainer(container, 30, [], deps)
  await clock.advance(10_999)
  hook.resolve()
  await clock.advance(60_000)
  await stopped
  t.strictSame(seen, [
    ['SIGTERM', 10_999],
    ['SIGKILL', 10_999 + 20_000],
  ])
})

t.test('a hook as long as the grace period leaves 2 s', async (t) => {
  const { clock, seen, container, deps } = setUp(new Promise(() => {}))
  const stopped = stopContainer(container, 30, [], deps)
  await clock.advance(60_000)
  await stopped
  t.strictSame(seen, [
    ['SIGTERM', 30_000],
    ['SIGKILL', 32_000],
  ])
})

t.test('a native sidecar waits for its turn with what is left, and has 2 s then', async (t) => {
  const main = Promise.withResolvers<void>()
  const { clock, seen, container, deps } = setUp(Promise.resolve())
  const stopped = stopContainer(container, 30, [main.promise, new Promise(() => {})], deps)
  main.resolve()
  await clock.advance(60_000)
  await stopped
  t.strictSame(seen, [
    ['SIGTERM', 30_000],
    ['SIGKILL', 32_000],
  ])
})

t.test('its own hook comes first, and its turn is over when the others are', async (t) => {
  const main = Promise.withResolvers<void>()
  const hook = Promise.withResolvers<void>()
  const { clock, exit, seen, container, deps } = setUp(hook.promise)
  const stopped = stopContainer(container, 30, [main.promise], deps)
  await clock.advance(4500)
  hook.resolve()
  await clock.advance(5000)
  main.resolve()
  await clock.advance(1)
  exit.resolve()
  await stopped
  t.strictSame(seen, [['SIGTERM', 9500]])
})

t.test('the end of the lab cuts every wait', async (t) => {
  const { seen, container, deps } = setUp(new Promise(() => {}))
  await stopContainer(container, 30, [], { ...deps, signal: AbortSignal.abort() })
  t.strictSame(
    seen.map(([name]) => name),
    ['SIGTERM', 'SIGKILL'],
  )
})
