import t from 'tap'
import { answerTo, nameOf } from '../../src/drain/answers.ts'
import type { Ask } from '../../src/drain/asks.ts'
import type { Ports } from '../../src/drain/ports.ts'

const { signal } = new AbortController()
const view = { kind: 'listing' } as const
const asks: Record<Ask['kind'], Ask> = {
  look: { kind: 'look', group: 'a', view, atMs: 0, pace: 'first' },
  describe: { kind: 'describe', group: 'a', known: { traffic: 'connections' }, atMs: 0 },
  count: { kind: 'count', ports: [8080], atMs: 0 },
  search: { kind: 'search', atMs: 0 },
  pod: { kind: 'pod', atMs: 0 },
}
const answers = {
  look: { kind: 'seen', sightings: [], group: 'serving' },
  describe: { kind: 'described', facts: { deregistrationDelayMs: 1 }, missing: [], narrowed: [] },
  count: { kind: 'counted', established: new Map([[8080, 1]]) },
  search: { kind: 'found', groups: [], missing: [], narrowed: [] },
  pod: { kind: 'pod', deletion: 'staying' },
} as const

/** Ports that note what they are asked. */
function ports() {
  const asked: unknown[][] = []
  const noted = <T>(answer: T) => {
    return async (...question: unknown[]) => {
      asked.push(question)
      return answer
    }
  }
  const all: Ports = {
    balancer: { look: noted(answers.look), describe: noted(answers.describe) },
    connections: { count: noted(answers.count) },
    search: { find: noted(answers.search) },
    pod: { look: noted(answers.pod) },
  }
  return { all, asked }
}

const facts = {
  look: { kind: 'looked', group: 'a', view },
  describe: { kind: 'described', group: 'a' },
  count: { kind: 'counted' },
  search: { kind: 'searched' },
  pod: { kind: 'pod' },
}
const questions = {
  look: ['a', view, signal],
  describe: ['a', { traffic: 'connections' }, signal],
  count: [[8080]],
  search: [signal],
  pod: [signal],
}
for (const kind of Object.keys(asks) as Ask['kind'][]) {
  t.test(`${kind}: put to its port, and what the answer becomes`, async (t) => {
    const { all, asked } = ports()
    t.strictSame(await answerTo(asks[kind], all, signal), { ...facts[kind], answer: answers[kind] })
    t.strictSame(asked, [questions[kind]])
  })
}

t.test('one question of a kind at a time; of each group, where it is about one', async (t) => {
  const names = Object.values(asks).map(nameOf)
  t.strictSame(names, ['look a', 'describe a', 'count', 'search', 'pod'])
})

t.test('a port that throws, against its contract, has given no answer', async (t) => {
  const fail = async () => {
    throw new Error('a bug')
  }
  const broken: Ports = {
    balancer: { look: fail, describe: fail },
    connections: { count: fail },
    search: { find: fail },
    pod: { look: fail },
  }
  const malformed = { kind: 'malformed', said: 'internal error: Error: a bug' }
  for (const ask of Object.values(asks)) {
    const { answer } = (await answerTo(ask, broken, signal)) as { answer: object }
    const expected: Partial<Record<Ask['kind'], object>> = {
      describe: { kind: 'described', facts: {}, missing: [malformed] },
      search: { kind: 'found', groups: [], missing: [malformed], narrowed: [] },
    }
    t.strictSame(answer, expected[ask.kind] ?? malformed, ask.kind)
  }
})
