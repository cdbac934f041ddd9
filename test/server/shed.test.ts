import t from 'tap'
import { type Caller, most, whomToShed } from '../../src/server/shed.ts'

const now = 100_000

/** Some callers of a peer, the latest last. */
function some(peer: string, count: number, stage: Caller['stage'], ageMs = 0): Caller[] {
  return Array.from({ length: count }, () => ({ peer, stage, cameAtMs: now - ageMs }))
}

function shedOf(...callers: Caller[][]) {
  return shedBut(undefined, ...callers)
}

function shedBut(spared: string | undefined, ...callers: Caller[][]) {
  const byPeer = Map.groupBy(callers.flat(), ({ peer }) => peer)
  const peers = [...byPeer].map(([peer, some]) => [peer, new Set(some)] as const)
  return whomToShed(new Map(peers), spared, now)
}

/** Many peers, each with so many held hooks. */
function crowd(peers: number, each: number, stage: Caller['stage'] = 'held', ageMs = 0) {
  return Array.from({ length: peers }, (_, n) => some(`10.0.2.${n}`, each, stage, ageMs))
}

t.test('within bounds nobody has to go', async (t) => {
  t.equal(shedOf(), undefined)
  t.equal(shedOf(some('a', most.each, 'asking', 60_000)), undefined)
  t.equal(shedOf(...crowd(most.all / 8, 8)), undefined)
})

t.test('one too many of a peer: it loses one, and nobody else does', async (t) => {
  const gone = shedOf(some('b', 1, 'asking', 60_000), some('a', most.each + 1, 'held'))
  t.equal(gone?.peer, 'a')
})

t.test('those that did not ask go first, the longest silent of them', async (t) => {
  const silent = some('a', 3, 'asking')
  t.equal(shedOf(some('a', most.each, 'held'), silent), silent[0])
})

t.test('of hooks the latest', async (t) => {
  const hooks = some('a', most.each + 1, 'held')
  t.equal(shedOf(hooks), hooks.at(-1))
})

t.test('too many of all: the peer with the most loses one', async (t) => {
  const flood = [some('a', 60, 'held'), some('b', 63, 'held'), some('c', 60, 'held')]
  t.equal(shedOf(...flood, some('d', 60, 'held'), some('e', 14, 'asking', 60_000))?.peer, 'b')
})

t.test('a kubelet at an unknown address stays, whatever its connections do', async (t) => {
  const kubelet = [...some('node', 10, 'held'), ...some('node', 6, 'asking', 60_000)]
  t.equal(kubelet.length, most.handful)
  const flood = crowd(4, most.each)
  t.match(shedOf(kubelet, ...flood)?.peer, /^10/)
  t.match(shedOf(...flood, kubelet)?.peer, /^10/)
})

t.test('only handfuls: one that has been silent for long goes, if there is one', async (t) => {
  const hooks = crowd(most.all / most.handful, most.handful)
  t.equal(shedOf(...hooks, some('b', 1, 'asking', 5_000))?.peer, 'b')
  t.equal(shedOf(...hooks, some('b', 1, 'asking', 4_999))?.stage, 'held', 'a kubelet about to ask')
})

t.test('only handfuls of hooks: the bound over all holds', async (t) => {
  const gone = shedOf(some('node', 3, 'held'), ...crowd(64, 4))
  t.match(gone, { peer: /^10/, stage: 'held' }, 'of those with more than the kubelet')
  t.ok(shedOf(...crowd(most.all + 1, 1)))
})

t.test('the peer that is spared: nobody else can make it lose one', async (t) => {
  const hooks = some('first', 20, 'held')
  const silent = some('first', 5, 'asking', 60_000)
  t.match(shedBut('first', hooks, silent, ...crowd(most.all, 1)), { peer: '10.0.2.0' })
  t.match(shedBut('first', hooks, silent, ...crowd(4, most.each)), { peer: '10.0.2.0' })
  t.match(shedBut('first', some('first', most.each + 1, 'held')), { peer: 'first' })
})
