import { createAddresses } from '../../lookout/client/addresses.ts'
import type { Settings } from '../../settings/settings.ts'
import { clock } from '../../time/clock.ts'

const peersMs = 10_000

/** How many lookouts there are, as their common name says. */
export function peersOf({ LOOKOUT_URL: urls }: Settings) {
  const addresses = createAddresses({ urls, clock })
  let count = 1
  return {
    count: () => count,
    async follow(signal: AbortSignal): Promise<void> {
      while (urls.length > 0 && !signal.aborted) {
        const all = await addresses.orderFor('').catch(() => [])
        if (all.length > 0) count = all.length
        await clock.sleepUntil(clock.now() + peersMs, signal)
      }
    },
  }
}
