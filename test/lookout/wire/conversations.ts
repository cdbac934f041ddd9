import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readPod } from '../../../src/cluster/objects/pod.ts'
import type { Failure } from '../../../src/drain/ports.ts'
import type { Ask } from '../../../src/lookout/client/ask.ts'
import { createBalancer } from '../../../src/lookout/client/balancer.ts'
import { createSource } from '../../../src/lookout/client/source.ts'
import { readQuestion } from '../../../src/lookout/wire/questions.ts'
import { fromAfar } from '../../support/json.ts'
import { caller, lookoutScene, never, web } from '../../support/lookout-scene.ts'
import {
  arnOfGroup,
  binding,
  bindingsPath,
  controllerPath,
  namespacePath,
  podObject,
  podPath,
} from '../../support/scripted-cluster.ts'
import { createVirtualClock } from '../../support/virtual-clock.ts'

/** What a sidecar and a lookout say to each other, and what each makes of what the other says. */
export interface Exchange {
  readonly path: string
  readonly question: unknown
  /** What the lookout makes of it. */
  readonly understood: unknown
  readonly answer: unknown
  /** What the sidecar's drain is told. */
  readonly read: unknown
}

type Part = (scene: ReturnType<typeof lookoutScene>) => void

const eventsPath = `${namespacePath}/events`
const fails =
  (kind: Failure['kind']): Part =>
  ({ aws }) => {
    aws.failure = { kind, said: 'allow it' }
  }

/** What is asked, on which stage. */
export const conversations: Readonly<Record<string, readonly [Saying, Part]>> = {
  look: ['look', () => undefined],
  'look-away': ['look', ({ aws }) => void Object.assign(aws.targets, { [web]: {} })],
  'look-denied': ['look', fails('denied')],
  'look-no-turn': ['look', fails('throttled')],
  describe: ['describe', () => undefined],
  pod: [
    'pod',
    ({ api }) => {
      const app = { name: 'app', image: 'app:1', env: [{ name: 'A', value: 'secret' }] }
      const deletion = { deletionTimestamp: '2026-01-01T00:01:00Z', deletionGracePeriodSeconds: 60 }
      api.script[podPath] = podObject({ containers: [app] }, deletion)
    },
  ],
  'pod-gone': ['pod', ({ api }) => void delete api.script[podPath]],
  search: [
    'search',
    ({ api, aws }) => {
      const named = { targetGroupARN: undefined, targetGroupName: 'web-b' }
      const role = {
        iamRoleArnToAssume: 'arn:aws:iam::123456789012:role/r',
        assumeRoleExternalId: 'x',
      }
      const items = [
        binding('web-a', 'web', role),
        binding('web-b', 'web', named),
        binding('db', 'db'),
      ]
      api.script[bindingsPath(controllerPath, 'v1beta1')] = { items }
      aws.arns['web-b'] = arnOfGroup('web-b')
    },
  ],
  event: ['event', ({ api }) => void Object.assign(api.script, { [eventsPath]: {} })],
}

/** How a sidecar comes to ask. */
const sayings = {
  look: ({ balancer }) => balancer.look(web, never),
  describe: ({ balancer }) => balancer.describe(web, ['delay', 'kind'], never),
  pod: ({ source }) => source.pod(never),
  search({ source }) {
    const pod = readPod(podObject())
    return pod ? source.bindings(pod, never) : Promise.reject(new Error('no pod'))
  },
  async event({ source }) {
    const event = { reason: 'Drained', type: 'Normal', message: 'after 30 s' } as const
    return (await source.tell(event, never)) ?? 'told'
  },
} as const satisfies Record<string, (sidecar: Sidecar) => Promise<unknown>>
export type Saying = keyof typeof sayings

interface Sidecar {
  readonly balancer: ReturnType<typeof createBalancer>
  readonly source: ReturnType<typeof createSource>
}

/** Has today's sidecar ask, and be answered so. */
export async function ask(
  saying: Saying,
  reply: (question: string, body: unknown) => Promise<unknown>,
  clock = createVirtualClock(),
) {
  const asked = { path: '', question: undefined as unknown, answer: undefined as unknown }
  const asking: Ask = async ({ question, body, read }) => {
    Object.assign(asked, { path: `/v1/${question}`, question: fromAfar(body(0)) })
    asked.answer = fromAfar(await reply(question, asked.question))
    const { answer: told } = asked.answer as { answer?: unknown }
    const answer = read(told)
    const failure = { kind: 'malformed', said: 'an answer that is none' } as const
    return answer === undefined
      ? { kind: 'unanswered', failure }
      : { kind: 'told', answer, askedAtMs: 0 }
  }
  const deps = { ask: asking, clock, otherwise: undefined }
  const sidecar = {
    balancer: createBalancer({ ...deps, fallbackMs: 30_000, spread: 0, callsPerSecond: 5 }),
    source: createSource({ ...deps, fallbackMs: 30_000 }),
  }
  const read = written(await clock.runUntil(sayings[saying](sidecar)))
  return { ...asked, read }
}

/** Has today's sidecar and today's lookout talk to each other. */
export async function talk([saying, set]: readonly [Saying, Part]): Promise<Exchange> {
  const scene = lookoutScene()
  set(scene)
  let understood: unknown
  const reply = (kind: string, body: unknown) => {
    const question = readQuestion(kind, body)
    understood = question
    return 'wrong' in question ? Promise.resolve({}) : scene.answer(caller, question, never)
  }
  const { path, question, answer, read } = await ask(saying, reply, scene.clock)
  return { path, question, understood, answer, read }
}

/** As a file has it: maps as lists of their entries. */
function written(value: unknown): unknown {
  const map = (_name: string, one: unknown) => (one instanceof Map ? [...one] : one)
  return JSON.parse(JSON.stringify(value, map))
}

export const exchangesIn = (folder: string) => join(import.meta.dirname, 'exchanges', folder)

// Writes what is said today: node test/lookout/wire/conversations.ts FOLDER. Never over what was said before.
if (import.meta.main) {
  const [, , folder = ''] = process.argv
  await mkdir(exchangesIn(folder))
  for (const [name, conversation] of Object.entries(conversations)) {
    const text = JSON.stringify(await talk(conversation), undefined, 2)
    await writeFile(join(exchangesIn(folder), `${name}.json`), `${text}\n`)
  }
}
