import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Role } from '../aws/access.ts'
import { type AwsBalancer, createAwsBalancer } from '../aws/balancer.ts'
import { createHttpsApi, type InCluster } from '../cluster/api/https.ts'
import { createAddresses } from '../lookout/client/addresses.ts'
import { createAccounts } from '../lookout/looking/accounts.ts'
import { createFigures } from '../lookout/looking/figures.ts'
import { createForesight } from '../lookout/looking/foresight.ts'
import { createGroups } from '../lookout/looking/groups.ts'
import { createNamespaces } from '../lookout/looking/namespaces.ts'
import { createPods } from '../lookout/looking/pods.ts'
import { createSharedApi } from '../lookout/looking/shared-api.ts'
import { buildLookoutApp } from '../lookout/server/app.ts'
import { createCallers } from '../lookout/server/callers.ts'
import { createKeys } from '../lookout/server/keys.ts'
import { lookoutExposition, noQuestions } from '../lookout/server/metrics.ts'
import { createQuestions } from '../lookout/server/questions.ts'
import { createWaiting } from '../lookout/server/waiting.ts'
import type { Settings } from '../settings/settings.ts'
import { clock, wallClock, wallDate } from '../time/clock.ts'
import { accessOf } from './access.ts'
import { renewCertificate, tlsOf } from './tls.ts'

/** A lookout made of real parts. */
export interface LookoutParts {
  readonly app: FastifyInstance
  /** Learns what it has to know, until the signal aborts. */
  watch(signal: AbortSignal): void
  /** Answers whoever waits that another lookout has to be asked. */
  end(): void
}

export function createLookoutParts(
  settings: Settings,
  place: InCluster,
  log: Logger,
): LookoutParts {
  const peers = peersOf(settings)
  // A lookout that is not ready is not among those that the name has.
  const sharers = () => Math.max(peers.count(), lacking() === undefined ? 1 : 2)
  const api = createSharedApi(createHttpsApi(clock, { ...place, connections: 'kept' }), clock)
  const accounts = createAccounts({ clock, callsPerSecond: settings.API_CALLS_PER_SECOND, sharers })
  const figures = createFigures(clock, accounts)
  const { listed } = figures
  const groups = createGroups({ clock, accounts, awsAs: eyesOfRoles(settings), listed })
  const { roleOf } = accessOf(settings, () => undefined)
  const allowed = settings.LOOKOUT_TARGET_GROUPS.map(({ arn }) => arn)
  const namespaces = createNamespaces({ api, allowed, roleOf })
  const pods = createPods({ api, wallClock, groups, namespaces })
  const keys = createKeys({ api, clock })
  const waiting = createWaiting(clock)
  const unknown = onceEach((said) => log.warn(said))
  const foresight = createForesight({
    ...{ api, clock, groups, unknown },
    roleOf: (arn, binding) => roleOf(arn) ?? binding.role,
  })
  const answer = createQuestions({ clock, groups, namespaces, pods })
  const questions = { ...noQuestions }
  let refused = 0
  const lacking = () => {
    if (!keys.areThere()) return 'the keys of the cluster have not been read yet'
    return foresight.isDone() ? undefined : 'the target groups have not been described yet'
  }
  const told = onceEach((said) => log.warn({ about: 'caller' }, said))
  const app = buildLookoutApp({
    callers: createCallers({ keys, wallDate }),
    answer(caller, question, signal) {
      questions[question.kind] += 1
      return answer(caller, question, signal)
    },
    ...{ waiting, lacking },
    heard: () => undefined,
    refused({ said }) {
      refused += 1
      told(said)
    },
    metrics: () =>
      lookoutExposition({
        ...{ budgets: figures.budgets(), questions, refused, waiting: waiting.count() },
        ready: lacking() === undefined ? 1 : 0,
      }),
    ...tlsOf(settings),
  })
  return {
    app,
    watch(signal) {
      void readKeys(signal)
      void foresight.watch(signal)
      void peers.follow(signal)
      void renewCertificate(app, settings, signal)
    },
    end: waiting.end,
  }

  /** Until they are there: whoever asks first need not wait for them. */
  async function readKeys(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const read = await keys.get('known')
      if (typeof read === 'function') return
      unknown(read.said)
      await clock.sleepUntil(clock.now() + 5_000, signal)
    }
  }
}

/** Each role sees with credentials of its own. */
function eyesOfRoles(settings: Settings): (role: Role | undefined) => AwsBalancer {
  const all = new Map<string, AwsBalancer>()
  return (role) => {
    const key = `${role?.arn} ${role?.externalId}`
    const access = accessOf(settings, () => role)
    const aws = all.get(key) ?? createAwsBalancer({ clock, access, podIps: () => [] })
    all.set(key, aws)
    return aws
  }
}

const peersMs = 10_000

/** How many lookouts there are, as their common name says. */
function peersOf({ LOOKOUT_URL: urls }: Settings) {
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

/** Says the same thing once: whoever is wrong is wrong again and again. */
function onceEach(say: (said: string) => void): (said: string) => void {
  const before = new Set<string>()
  return (said) => {
    if (before.has(said)) return
    if (before.size >= 100) before.clear()
    before.add(said)
    say(said)
  }
}
