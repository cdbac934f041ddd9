import type { Clock } from '../time/clock.ts'

export interface ShutdownDeps {
  readonly clock: Clock
  /** Aborts when the next hook comes. */
  readonly nextHook: () => AbortSignal
  /** The drain that a hook would join; undefined when it would start one. */
  readonly joined: () => Promise<unknown> | undefined
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
export async function shutDown({ clock, nextHook, joined, close }: ShutdownDeps): Promise<void> {
  for (let untilMs = clock.now() + hookOnItsWayMs; ; ) {
    const drain = joined()
    if (drain !== undefined) {
      await drain
      // Its end answers whatever hook may still come.
      if (joined() !== undefined) break
      // It may have been that of a restart: only when its hook is answered the kubelet calls the deletion's.
      untilMs = clock.now() + hookOnItsWayMs
    }
    if (clock.now() >= untilMs) break
    await clock.sleepUntil(untilMs, nextHook())
  }
  const closed = new AbortController()
  const late = clock.sleepUntil(clock.now() + closeMs, closed.signal)
  await Promise.race([close().finally(() => closed.abort()), late])
}
