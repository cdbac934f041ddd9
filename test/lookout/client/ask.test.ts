import { rmSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import type { Asking } from '../../../src/lookout/client/ask.ts'
import {
  answering,
  broken,
  type Doing,
  refusing,
  scriptedLookouts,
} from '../../support/scripted-lookouts.ts'

const never = new AbortController().signal
const asking: Asking<string> = {
  ...{ question: 'look', body: () => ({ group: 'web' }), thing: 'web' },
  read: (answer) => (typeof answer === 'string' ? answer : undefined),
}
const good = answering('good')

const wrong: readonly (readonly [string, Doing, object])[] = [
  ['refused', broken('ECONNREFUSED'), { kind: 'unreachable', said: /ECONNREFUSED/ }],
  ['cut', new Error('the answer was cut off'), { kind: 'unreachable', said: /cut off/ }],
  ['500', refusing(500, 'oh'), { kind: 'unreachable', said: /oh$/ }],
  ['503', refusing(503, 'no keys'), { kind: 'unreachable', said: /no keys$/ }],
  ['502 of a proxy', { status: 502, body: '<html>' }, { kind: 'unreachable', said: /HTTP 502/ }],
  ['an empty 503', { status: 503, body: '' }, { kind: 'unreachable', said: /HTTP 503/ }],
  ['401', refusing(401, 'it has expired'), { kind: 'denied', said: /expired$/ }],
  ['403', { status: 403, body: '' }, { kind: 'denied', said: /HTTP 403/ }],
  ['404', { status: 404, body: '{}' }, { kind: 'unreachable', said: /HTTP 404/ }],
  [
    'ends',
    { status: 200, body: ' {"error":"ending","said":"bye"}' },
    { kind: 'unreachable', said: /bye$/ },
  ],
  ['no JSON', { status: 200, body: 'hello' }, { kind: 'malformed', said: /not JSON/ }],
  ['nothing', { status: 200, body: '  ' }, { kind: 'malformed', said: /not JSON/ }],
  ['half', { status: 200, body: '{"answer":"go' }, { kind: 'malformed', said: /not JSON/ }],
  [
    'another answer',
    answering({ kind: 'else' }),
    { kind: 'malformed', said: /an answer that is none/ },
  ],
  ['a list', { status: 200, body: '[]' }, { kind: 'malformed' }],
  ['null', { status: 200, body: 'null' }, { kind: 'malformed' }],
  ['an answer with a 500', { status: 500, body: '{"answer":"good"}' }, { kind: 'unreachable' }],
  ['a 204', { status: 204, body: '' }, { kind: 'unreachable', said: /HTTP 204/ }],
]

for (const [name, doing, failure] of wrong) {
  t.test(`one that is of no use is followed by the next: ${name}`, async (t) => {
    const { ask, run, posts, failed } = scriptedLookouts(t, doing, good)
    t.match(await run(ask(asking, never)), { kind: 'told', answer: 'good' })
    t.strictSame(
      posts.map(({ to }) => to),
      ['10.0.0.1:8089', '10.0.0.2:8089'],
    )
    t.strictSame(failed, ['10.0.0.1:8089'])
  })

  t.test(`and if there is no other, the failure names it: ${name}`, async (t) => {
    const { ask, run } = scriptedLookouts(t, doing)
    const unanswered = await run(ask(asking, never))
    t.match(unanswered, { kind: 'unanswered', failure })
    t.match(unanswered, { failure: { said: /^lookout 10\.0\.0\.1:8089: / } })
    t.notMatch(unanswered, { failure: { said: /a-token|\n/ } })
  })
}

t.test('a reader that breaks is an answer that is none', async (t) => {
  const { ask, run } = scriptedLookouts(t, good)
  const read = () => {
    throw new TypeError('a bug')
  }
  t.match(await run(ask({ ...asking, read }, never)), { kind: 'unanswered' })
})

t.test('nobody there at all', async (t) => {
  const { ask } = scriptedLookouts(t)
  t.match(await ask(asking, never), { failure: { kind: 'unreachable', said: /no lookout/ } })
})

t.test('no name could be resolved', async (t) => {
  const { ask, addresses } = scriptedLookouts(t)
  addresses.orderFor = () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }))
  t.match(await ask(asking, never), {
    failure: { kind: 'unreachable', said: /no lookout.*ENOTFOUND/ },
  })
})

t.test('the token is read anew for each question, and without one nobody is asked', async (t) => {
  const { ask, run, posts, directory, tokenPath } = scriptedLookouts(t, good)
  await run(ask(asking, never))
  writeFileSync(`${directory}/token`, 'the-next')
  await run(ask(asking, never))
  t.strictSame(
    posts.map(({ token }) => token),
    ['a-token', 'the-next'],
  )
  t.match(posts, [{ path: '/v1/look', body: { group: 'web' } }])
  rmSync(tokenPath)
  t.match(await ask(asking, never), {
    failure: { kind: 'denied', said: /no token for the lookout in .*token \(ENOENT\): mount/ },
  })
  t.equal(posts.length, 2)
})

t.test(
  'an answer is as old as it says, but no older than its question, nor from the future',
  async (t) => {
    for (const [waitedMs, expected] of [
      [undefined, 0],
      [5, 5],
      [0, 0],
      [-1e9, 0],
      [1e9, 20],
      ['5', 0],
      [null, 0],
    ]) {
      const { ask, run } = scriptedLookouts(t, answering('good', { waitedMs }))
      t.match(await run(ask(asking, never)), { askedAtMs: expected }, `${waitedMs}`)
    }
    const { ask, run } = scriptedLookouts(
      t,
      broken('ECONNRESET'),
      answering('good', { waitedMs: 5 }),
    )
    t.match(await run(ask(asking, never)), { askedAtMs: 25 }, "the second one's question")
  },
)

t.test('who is not interested any more asks no other, and shuns nobody', async (t) => {
  const { ask, run, posts, failed } = scriptedLookouts(t, good, good)
  const enough = new AbortController()
  const asked = ask(asking, enough.signal)
  while (posts.length === 0) await setTimeout(1)
  enough.abort()
  t.match(await run(asked), { kind: 'unanswered' })
  t.equal(posts.length, 1)
  t.strictSame(failed, [])
})

t.test('each of them, for a check', async (t) => {
  const { each, run } = scriptedLookouts(t, good, refusing(401, 'it has expired'))
  const found = await run(each(asking, never))
  t.strictSame(Object.fromEntries(found), {
    '10.0.0.1:8089': 'answers',
    '10.0.0.2:8089': { kind: 'denied', said: 'lookout 10.0.0.2:8089: it has expired' },
  })
})

t.test(
  'one that goes while it lets us wait is a turn that did not come, and no outage',
  async (t) => {
    const gone = Object.assign(broken('ECONNRESET') as Error, { isHeard: true })
    const { ask, run, posts, failed } = scriptedLookouts(t, gone, good)
    t.match(await run(ask(asking, never)), {
      ...{ kind: 'unanswered', failure: { kind: 'throttled', said: /ended while it let us wait/ } },
    })
    // The other one comes first from now on, with patience of its own.
    t.equal(posts.length, 1)
    t.strictSame(failed, ['10.0.0.1:8089'])
  },
)

t.test('the next one is asked for what is left of the time', async (t) => {
  const { ask, run, posts } = scriptedLookouts(t, broken('ECONNREFUSED'), good)
  await run(ask({ ...asking, body: (forMs) => ({ forMs }) }, never))
  const [first, second] = posts.map(({ body }) => (body as { forMs: number }).forMs)
  t.equal(first, 0)
  t.ok((second ?? 0) > 0)
})

t.test('what one says beats that another is not there, where none knows better', async (t) => {
  const { ask, run } = scriptedLookouts(t, answering('lost'), broken('ECONNREFUSED'))
  const failure = { kind: 'unreachable', said: 'no way to AWS' } as const
  const lost = (answer: string) => (answer === 'lost' ? failure : undefined)
  t.match(await run(ask({ ...asking, lost }, never)), {
    kind: 'told',
    answer: 'lost',
    lost: failure,
  })
  const { ask: other, run: runOther } = scriptedLookouts(t, answering('lost'), good)
  t.match(await runOther(other({ ...asking, lost }, never)), { kind: 'told', answer: 'good' })
})
