import { between } from '../../lab/chance.ts'
import type { ReleaseWhen } from '../../src/drain/judgement/limits.ts'
import { createAddresses, nameOf } from '../../src/lookout/client/addresses.ts'
import type { Ask, Told, Unanswered } from '../../src/lookout/client/ask.ts'
import { createBalancer } from '../../src/lookout/client/balancer.ts'
import { type Question, readQuestion } from '../../src/lookout/wire/questions.ts'
import { callsPerSecond, drainOf, fallbackMs } from './draingate.ts'
import { createStand, type Stand } from './stand.ts'
import type { Common, HookedPod, SharedWait } from './wait.ts'

/** For how long lookouts are away, counted from when everything is ready; by their place. Milliseconds. */
export interface Away {
  readonly which: readonly number[]
  readonly fromMs: number
  readonly untilMs: number
}

/** As the chart installs them. */
const urls = [new URL('http://10.0.0.1:8089'), new URL('http://10.0.0.2:8089')]
/** One way between two pods of a cluster, in milliseconds. */
const wayMs = [0.5, 3] as const

/** The drain that ships, with two lookouts, the same that ship, which look for all pods of the world. */
export function lookout(releaseWhen: ReleaseWhen, graceMs: number, away?: Away): SharedWait {
  return {
    name: releaseWhen === 'deregistered' ? 'lookout' : `lookout, ${releaseWhen}`,
    until: releaseWhen,
    async share(common) {
      const { clock } = common
      const stands = urls.map(() => createStand(common, urls.length))
      await Promise.all(stands.map((stand) => stand.up()))
      if (away) for (const one of away.which) void leave(common, stands[one], away)
      return {
        hold(pod) {
          const ask = askOf(pod, stands)
          const deps = {
            ask,
            clock,
            fallbackMs,
            spread: pod.chance(),
            callsPerSecond,
            otherwise: undefined,
          }
          return drainOf(pod, createBalancer(deps), { releaseWhen, graceMs, looking: 'by-lookout' })
        },
      }
    },
  }
}

async function leave(
  { clock }: Common,
  stand: Stand | undefined,
  { fromMs, untilMs }: Away,
): Promise<void> {
  const startMs = clock.now()
  await clock.sleep(fromMs)
  stand?.down()
  await clock.sleep(startMs + untilMs - clock.now())
  await stand?.up()
}

/** How a pod asks (src/lookout/client/ask.ts), without tokens and JSON. */
function askOf({ clock, chance, target }: HookedPod, stands: readonly Stand[]): Ask {
  const addresses = createAddresses({ urls, clock })
  return async ({ question: kind, body, thing, read }, signal) => {
    const question = readQuestion(kind, body(0)) as Question
    let last = 'no lookout'
    for (const address of await addresses.orderFor(thing)) {
      const sentAtMs = clock.now()
      const stand = stands[urls.findIndex(({ hostname }) => hostname === address.ip)]
      await clock.sleep(between(chance, wayMs))
      const reply = await stand?.answer(target.id, question, signal)
      await clock.sleep(between(chance, wayMs))
      const answer = reply && read(reply.answer)
      if (reply && answer !== undefined) {
        const askedAtMs = Math.min(sentAtMs + (reply.waitedMs ?? 0), clock.now())
        return { kind: 'told', answer, askedAtMs } satisfies Told<typeof answer>
      }
      addresses.failed(address)
      last = `lookout ${nameOf(address)}: ECONNREFUSED`
    }
    return { kind: 'unanswered', failure: { kind: 'unreachable', said: last } } satisfies Unanswered
  }
}
