/**
 * The sidecars of many pods in one process: forked by the benchmark, told what to do by a message, and ends when that
 * is done, having told what came of it.
 */
import { request } from 'node:http'
import { createCluster } from '../../src/cluster/cluster.ts'
import { numberAt } from '../../src/cluster/json.ts'
import { createDrain } from '../../src/drain/drain.ts'
import type { Limits } from '../../src/drain/judgement/limits.ts'
import { createAddresses } from '../../src/lookout/client/addresses.ts'
import { createAsker } from '../../src/lookout/client/ask.ts'
import { createBalancer } from '../../src/lookout/client/balancer.ts'
import type { Exchange } from '../../src/lookout/client/exchange.ts'
import { createSource } from '../../src/lookout/client/source.ts'
import { clock } from '../../src/time/clock.ts'
import type { SidecarPod } from './world.ts'

/** What they are told to do. */
export interface Orders {
  readonly url: string
  readonly pods: readonly SidecarPod[]
  readonly graceMs: number
  /** Their hooks are called one after the other within this time; 0: they only wait, for so many answers each. */
  readonly withinMs: number
  readonly questionsEach: number
}

/** What came of it. Milliseconds. */
export interface Told {
  readonly outcomes: Readonly<Record<string, number>>
  /** Of each look, how long it took beyond its wait for a turn. */
  readonly beyondMs: readonly number[]
}

process.once('message', async (orders: Orders) => {
  const told = orders.withinMs > 0 ? await drainAll(orders) : await waitAll(orders)
  process.send?.(told, () => process.disconnect?.())
})

const fallbackMs = 30_000
const never = new AbortController().signal

async function drainAll(orders: Orders): Promise<Told> {
  const beyondMs: number[] = []
  const outcomes: Record<string, number> = {}
  const everyMs = orders.withinMs / orders.pods.length
  const startMs = clock.now()
  await Promise.all(
    orders.pods.map(async (pod, n) => {
      await clock.sleepUntil(startMs + n * everyMs, never)
      const outcome = await drain(pod, orders, (ms) => beyondMs.push(ms))
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    }),
  )
  return { outcomes, beyondMs }
}

/** As src/compose puts a sidecar together. */
async function drain(
  pod: SidecarPod,
  { url, graceMs }: Orders,
  took: (ms: number) => void,
): Promise<string> {
  const [spread, reserveMs] = [Math.random(), 5_000]
  const { ask } = askerFor(pod, url, took)
  const balancer = createBalancer({
    ask,
    clock,
    fallbackMs,
    spread,
    callsPerSecond: 5,
    otherwise: undefined,
  })
  const source = createSource({ ask, clock, fallbackMs, otherwise: undefined })
  const cluster = createCluster({
    ...{ source, clock, port: 8089 },
    untold: () => undefined,
    arnOf: async () => ({ kind: 'gone', said: 'nobody names it' }),
    found: () => undefined,
  })
  const limits: Limits = {
    ...{ graceMs, reserveMs, fallbackMs, spread, releaseWhen: 'deregistered', idleMs: 5_000 },
    ...{ restartMs: 15_000, callsPerSecond: 5, looking: 'by-lookout' },
  }
  const connections = { count: async () => ({ kind: 'malformed', said: 'none here' }) as const }
  const ports = { balancer, connections, pod: cluster.pod, search: cluster.search }
  const { outcome } = await createDrain({
    ...{ ports, clock, groups: [], limits },
    tell: () => undefined,
  }).join()
  return outcome.kind
}

/** Questions that only wait. */
async function waitAll({ url, pods, questionsEach }: Orders): Promise<Told> {
  const questions = pods.flatMap((pod) => Array.from({ length: questionsEach }, () => pod))
  await Promise.all(
    questions.map((pod) => {
      const { ask } = askerFor(pod, url, () => undefined)
      const { group } = pod
      const body = () => ({ group, patienceMs: 20_000 })
      return ask({ question: 'look', thing: group, body, read: (answer) => answer }, never)
    }),
  )
  return { outcomes: {}, beyondMs: [] }
}

function askerFor({ tokenPath, name, ip }: SidecarPod, url: string, took: (ms: number) => void) {
  const addresses = createAddresses({ urls: [new URL(url)], clock })
  const exchange = timed(exchangeFrom(ip), took)
  return createAsker({ clock, addresses, exchange, tokenPath, ownPod: { name } })
}

/** Each pod has an address of its own: a lookout bounds the connections of each. */
function exchangeFrom(podIp: string): Exchange {
  const localAddress = podIp.replace(/^10/, '127')
  return ({ ip: host, port }, { path, token, body }, signal) => {
    const text = JSON.stringify(body)
    const headers = {
      ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      'content-length': Buffer.byteLength(text),
    }
    const to = { method: 'POST', host, port, path, localAddress, headers }
    return new Promise((resolve, reject) => {
      const posted = request({ ...to, agent: false, signal }, (response) => {
        const { statusCode: status = 0 } = response
        response.setEncoding('utf8')
        let body = ''
        response.on('data', (part: string) => {
          body += part
        })
        response.on('end', () => resolve({ status, body })).on('error', reject)
      })
      posted.on('error', reject).end(text)
    })
  }
}

function timed(exchange: Exchange, took: (ms: number) => void): Exchange {
  return async (to, post, signal) => {
    const sentAtMs = clock.now()
    const answered = await exchange(to, post, signal)
    const isLook = post.path.endsWith('/look') && answered.status === 200
    const waitedMs = isLook ? numberAt(JSON.parse(answered.body), 'waitedMs') : undefined
    if (waitedMs !== undefined) took(clock.now() - sentAtMs - waitedMs)
    return answered
  }
}
