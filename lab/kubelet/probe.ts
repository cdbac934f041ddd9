import type { Clock } from '../../src/time/clock.ts'
import type { Network } from '../network.ts'
import type { Readiness } from './spec.ts'

export interface ProbeDeps {
  ip: string
  network: Pick<Network, 'ask'>
  clock: Clock
  secondMs: number
  signal: AbortSignal
  setReady(ready: boolean): void
}

/** Probes one container until the signal aborts, and tells each change. Termination does not stop it. */
export async function watchReadiness(readiness: Readiness, deps: ProbeDeps): Promise<void> {
  const { clock, signal } = deps
  const { path, port, timeoutMs = 1000, failureThreshold = 3 } = readiness
  const { periodMs = 10 * deps.secondMs } = readiness
  const question = { ip: deps.ip, port, path, userAgent: 'kube-probe/1.36', timeoutMs, signal }
  let ready = false
  let misses = 0
  while (!signal.aborted) {
    const startedMs = clock.now()
    const status = await deps.network.ask(question)
    if (signal.aborted) return
    const passed = status !== undefined && status >= 200 && status < 400
    misses = passed ? 0 : misses + 1
    const wasReady: boolean = ready
    ready = passed || (wasReady && misses < failureThreshold)
    if (ready !== wasReady) deps.setReady(ready)
    await clock.sleepUntil(startedMs + periodMs, signal)
  }
}
