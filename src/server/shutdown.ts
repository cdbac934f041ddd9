import type { Clock } from '../clock.ts'

export interface ShutdownDeps {
  readonly clock: Clock
  /** Aborts when the first hook comes. */
  readonly hooked: AbortSignal
  /** Resolves when the drain that the hook began has ended. */
  readonly drained: () => Promise<unknown>
  /** Stops listening; resolves when the answers that are under way have gone out. */
  readonly close: () => Promise<void>
}

/**
 * A regular sidecar gets SIGTERM at the very moment at which its neighbour's hook is called
 * (kubelet, killContainersWithSyncResult): the hook may be on its way.
 */
const hookOnItsWayMs = 5_000
/** A caller that does not read its answer must not keep the process alive. */
const closeMs = 2_000

/** What SIGTERM asks for: held hooks are answered by their drain, not by the signal. */
export async function shutDown({ clock, hooked, drained, close }: ShutdownDeps): Promise<void> {
  await clock.sleepUntil(clock.now() + hookOnItsWayMs, hooked)
  if (hooked.aborted) await drained()
  const closed = new AbortController()
  const late = clock.sleepUntil(clock.now() + closeMs, closed.signal)
  await Promise.race([close().finally(() => closed.abort()), late])
}
