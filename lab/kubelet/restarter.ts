import type { Container } from './container.ts'
import { type StopDeps, stopContainer } from './stop.ts'

export interface RestarterDeps extends StopDeps {
  /** The pod terminates: nothing is started again. */
  leaving(): boolean
  graceSeconds(): number
}

/** Keeps a pod's containers running. */
export interface Restarter {
  /** Starts a container, and starts it again whenever it exits by itself. */
  start(container: Container): void
  /** Hook, SIGTERM and a new process; one restart after the other. */
  restart(container: Container): Promise<void>
  /** Resolves when no restart is under way. */
  idle(): Promise<void>
}

/** A crashed container starts again at once, then after 10 (scaled) seconds, 20, ... 300. */
export function createRestarter(deps: RestarterDeps): Restarter {
  const { leaving } = deps
  const kept = new Map<Container, symbol>()
  let restarts: Promise<void> = Promise.resolve()

  function start(container: Container): void {
    const mine = Symbol(container.name)
    kept.set(container, mine)
    void keepRunning(container, deps, () => !leaving() && kept.get(container) === mine)
  }

  async function restartNow(container: Container): Promise<void> {
    if (leaving()) return
    kept.delete(container)
    if (container.running()) await stopContainer(container, deps.graceSeconds(), [], deps)
    if (!leaving()) start(container)
  }

  return {
    start,
    restart(container) {
      restarts = restarts.then(() => restartNow(container))
      return restarts
    },
    idle: () => restarts,
  }
}

async function keepRunning(
  container: Container,
  { clock, secondMs, signal }: StopDeps,
  mayStart: () => boolean,
): Promise<void> {
  for (let backOffSeconds = 0; ; backOffSeconds = Math.min(2 * backOffSeconds || 10, 300)) {
    container.start()
    await container.exited()
    if (!mayStart()) return
    await clock.sleepUntil(clock.now() + backOffSeconds * secondMs, signal)
    if (!mayStart()) return
  }
}
