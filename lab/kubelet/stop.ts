import type { Clock } from '../../src/time/clock.ts'
import type { Container } from './container.ts'

export interface StopDeps {
  clock: Clock
  /** How long one of the kubelet's seconds is: it counts grace periods in whole ones. */
  secondMs: number
  /** The end of the lab: cuts every wait. */
  signal: AbortSignal
}

const leastGraceSeconds = 2

/**
 * Stops one container: its hook, its turn, SIGTERM, SIGKILL. Resolves when it has exited.
 *
 * `graceSeconds` are whole (scaled) seconds; what the hook and the turn take is cut down to whole
 * ones, as the kubelet does. `before` are the containers that must have been stopped first: all
 * main containers and the later sidecars, for a native sidecar.
 *
 * Source: pkg/kubelet/kuberuntime/kuberuntime_container.go (killContainer) and
 * kuberuntime_termination_order.go.
 */
export async function stopContainer(
  container: Container,
  graceSeconds: number,
  before: readonly Promise<void>[],
  deps: StopDeps,
): Promise<void> {
  const { secondMs } = deps
  let left = graceSeconds
  const hook = container.hook()
  if (hook !== undefined) left -= await secondsUntil(hook, left, deps)
  if (before.length > 0 && left > 0) left -= await secondsUntil(Promise.all(before), left, deps)

  const graceMs = Math.max(leastGraceSeconds, left) * secondMs
  if (!container.terminate(`${graceMs} ms to SIGKILL`)) return
  await within(container.exited(), graceMs, deps)
  container.kill()
  await container.exited()
}

/** Waits for `work` for at most `limitSeconds`: the whole seconds that it took. */
async function secondsUntil(
  work: Promise<unknown>,
  limitSeconds: number,
  deps: StopDeps,
): Promise<number> {
  const startedMs = deps.clock.now()
  await within(work, limitSeconds * deps.secondMs, deps)
  return Math.floor((deps.clock.now() - startedMs) / deps.secondMs)
}

async function within(work: Promise<unknown>, limitMs: number, deps: StopDeps): Promise<void> {
  const done = new AbortController()
  const signal = AbortSignal.any([deps.signal, done.signal])
  await Promise.race([work, deps.clock.sleepUntil(deps.clock.now() + limitMs, signal)])
  done.abort()
}
