import type { Container } from './container.ts'
import type { StopDeps } from './stop.ts'

/** Keeps containers running. */
export interface Keeper {
  /** Starts a container, and starts it again whenever it exits. */
  start(container: Container): void
  /** Leaves its next exit alone: for whoever stops it on purpose. */
  stop(container: Container): void
}

/**
 * A crashed container starts again at once, then after 10 (scaled) seconds, 20, ... 300, until
 * `leaving()`: in a pod that terminates nothing is started again.
 */
export function createKeeper(deps: StopDeps & { leaving(): boolean }): Keeper {
  const { clock, secondMs, signal, leaving } = deps
  const kept = new Map<Container, symbol>()

  async function keep(container: Container, mine: symbol): Promise<void> {
    for (let backOffSeconds = 0; ; backOffSeconds = Math.min(2 * backOffSeconds || 10, 300)) {
      container.start()
      await container.exited()
      if (leaving() || kept.get(container) !== mine) return
      await clock.sleepUntil(clock.now() + backOffSeconds * secondMs, signal)
      if (leaving() || kept.get(container) !== mine) return
    }
  }

  return {
    start(container) {
      const mine = Symbol(container.name)
      kept.set(container, mine)
      void keep(container, mine)
    },
    stop: (container) => void kept.delete(container),
  }
}
