import { createAddresses } from '../../lookout/client/addresses.ts'
import type { Settings } from '../../settings/settings.ts'
import { clock } from '../../time/clock.ts'

const peersMs = 10_000
/** What the resolver says of a name without an address. */
const none: readonly string[] = ['ENOTFOUND', 'ENODATA']

/** Which lookouts there are, as their common name says: those that are ready. */
export function peersOf({ LOOKOUT_URL: urls }: Settings) {
  let count = 1
  let others: 'unknown' | 'some' | 'none' = urls.length > 0 ? 'unknown' : 'none'
  return {
    count: () => count,
    /** As long as a lookout is not ready itself: whether nobody is there who answers pods. */
    isNobodyThere: () => others === 'none',
    async follow(signal: AbortSignal): Promise<void> {
      while (urls.length > 0 && !signal.aborted) {
        // Anew each time: one that has gone must not be taken for there.
        const all = await createAddresses({ urls, clock })
          .orderFor('')
          .catch(({ code }: NodeJS.ErrnoException) =>
            code && none.includes(code) ? [] : undefined,
          )
        // A resolver that does not answer says nothing of who is there.
        if (all) {
          others = all.length > 0 ? 'some' : 'none'
          count = Math.max(1, all.length)
        }
        await clock.sleepUntil(clock.now() + peersMs, signal)
      }
    },
  }
}
