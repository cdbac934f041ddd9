import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { createHttpsApi, type InCluster } from '../../cluster/api/https.ts'
import { createBoard } from '../../lookout/board/board.ts'
import { countEnds } from '../../lookout/board/ends.ts'
import { readPage } from '../../lookout/board/page.ts'
import { readTold } from '../../lookout/board/read-told.ts'
import { showBoard } from '../../lookout/board/show.ts'
import { createAccounts } from '../../lookout/looking/accounts.ts'
import { createFigures } from '../../lookout/looking/figures.ts'
import { createForesight } from '../../lookout/looking/foresight.ts'
import { createGroups } from '../../lookout/looking/groups.ts'
import { createNamespaces } from '../../lookout/looking/namespaces.ts'
import { createPods } from '../../lookout/looking/pods.ts'
import { createSharedApi } from '../../lookout/looking/shared-api.ts'
import { buildLookoutApp } from '../../lookout/server/app.ts'
import { createCallers } from '../../lookout/server/callers.ts'
import { createKeys } from '../../lookout/server/keys.ts'
import { lookoutExposition, noQuestions } from '../../lookout/server/metrics.ts'
import { createQuestions } from '../../lookout/server/questions.ts'
import { createWaiting } from '../../lookout/server/waiting.ts'
import type { Settings } from '../../settings/settings.ts'
import { clock, wallClock, wallDate } from '../../time/clock.ts'
import { accessOf } from '../access.ts'
import { eyesOfRoles } from './eyes-of-roles.ts'
import { onceEach } from './once-each.ts'
import { peersOf } from './peers.ts'
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
  const namespaces = createNamespaces({ api, clock, allowed, roleOf })
  const pods = createPods({ api, clock, wallClock, groups, namespaces })
  const keys = createKeys({ api, clock })
  const waiting = createWaiting(clock)
  const unknown = onceEach((said) => log.warn(said))
  const foresight = createForesight({
    ...{ api, clock, groups, unknown },
    roleOf: (arn, binding) => roleOf(arn) ?? binding.role,
  })
  const board = createBoard({ clock })
  const ends = countEnds(board)
  const answer = createQuestions({ clock, groups, namespaces, pods })
  const questions = { ...noQuestions }
  let refused = 0
  let isEnding = false
  let wasReady = false
  const lacking = () => {
    if (isEnding) return 'it ends'
    if (!keys.areThere()) return 'the keys of the cluster have not been read yet'
    // Where nobody else answers, a lookout that knows no delays is better than none.
    wasReady ||= foresight.isDone() || peers.isNobodyThere()
    return wasReady ? undefined : 'the target groups have not been described yet'
  }
  const told = onceEach((said) => log.warn({ about: 'caller' }, said))
  const app = buildLookoutApp({
    callers: createCallers({ keys, wallDate }),
    answer(caller, question, signal) {
      questions[question.kind] += 1
      return answer(caller, question, signal)
    },
    ...{ waiting, lacking },
    heard(caller, body) {
      const news = readTold(body)
      if (!news) return undefined
      questions.drain += 1
      board.put(caller, news)
      return 'heard'
    },
    refused({ said }) {
      refused += 1
      told(said)
    },
    metrics: () =>
      lookoutExposition({
        ...{ budgets: figures.budgets(), questions, refused, waiting: waiting.count() },
        ...{ ready: lacking() === undefined ? 1 : 0, ends: ends() },
      }),
    ...tlsOf(settings),
  })
  const { groups: groupRows, budgets } = figures
  showBoard(app, { board, groups: groupRows, budgets, clock, wallClock, page: readPage() })
  return {
    app,
    watch(signal) {
      void readKeys(signal)
      void foresight.watch(signal)
      void peers.follow(signal)
      void renewCertificate(app, settings, signal)
    },
    end() {
      isEnding = true
      waiting.end()
    },
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
