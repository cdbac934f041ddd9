import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import t from 'tap'
import { forgeries } from '../../../lab/kubernetes/tokens/forgeries.ts'
import { createTokens, type TokenOptions } from '../../../lab/kubernetes/tokens/tokens.ts'
import { createCallers } from '../../../src/lookout/server/callers.ts'
import { createKeys } from '../../../src/lookout/server/keys.ts'
import { nobodys, refused, scriptedCluster } from '../../support/scripted-cluster.ts'
import { createVirtualClock } from '../../support/virtual-clock.ts'

const path = '/openid/v1/jwks'
const pod = { name: 'web-1', uid: 'u-1' }
const options: TokenOptions = { namespace: 'shop', account: 'web', pod, audience: 'draingate' }

function scene() {
  const time = { wallMs: Date.parse('2030-01-01T00:00:00Z') }
  const clock = createVirtualClock()
  const tokens = createTokens(() => time.wallMs)
  const api = scriptedCluster({})
  const publish = () => {
    api.script[path] = { keys: tokens.publishedKeys() }
  }
  publish()
  const keys = createKeys({ api, clock })
  const callers = createCallers({ keys, wallDate: () => new Date(time.wallMs) })
  const show = (token: string) => callers(`Bearer ${token}`)
  const issue = (more: Partial<TokenOptions> = {}) => tokens.issue({ ...options, ...more })
  return { time, clock, tokens, api, publish, keys, callers, show, issue }
}

t.test('who shows a token is the pod that it is bound to', async (t) => {
  const { show, issue, callers } = scene()
  const web = { namespace: 'shop', name: 'web-1', uid: 'u-1' }
  t.strictSame(await show(issue()), web)
  t.strictSame(await show(issue({ node: 'node-1' })), { ...web, node: 'node-1' })
  t.strictSame(await callers(`bearer  ${issue()}`), web, 'RFC 6750 does not mind')
})

const refusal = (why: RegExp | string) => ({ kind: 'denied', status: 401, said: why })

t.test('each forgery is refused, also after the token that it is made of', async (t) => {
  const why: Record<keyof typeof forgeries, RegExp> = {
    unsigned: /not signed as it has to be$/,
    signatureCut: /signature is wrong$/,
    prolonged: /signature is wrong$/,
    signedByAnother: /signature is wrong$/,
    signedByUnknown: /none of the keys of this cluster/,
    keyBrought: /none of the keys of this cluster/,
    publicKeyAsSecret: /not signed as it has to be$/,
  }
  const { show, issue, tokens } = scene()
  const ours = issue()
  await show(ours)
  for (const [name, forge] of Object.entries(forgeries)) {
    const forged = forge(ours, tokens.publishedKeys())
    const answer = await show(forged)
    t.match(answer, refusal(why[name as keyof typeof forgeries]), name)
    t.notMatch(JSON.stringify(answer), new RegExp(`${forged.slice(0, 12)}|eyJ`), 'no token is said')
  }
})

t.test('a token of another audience, past its time, or of no pod', async (t) => {
  const { show, issue, time } = scene()
  const { pod: _pod, audience: _audience, ...bare } = options
  t.match(
    await show(issue({ audience: 'https://kubernetes.default.svc' })),
    refusal(/audience draingate$/),
  )
  t.match(await show(issuedAt(time.wallMs, bare)), refusal(/audience/))
  t.match(
    await show(issuedAt(time.wallMs, { ...bare, audience: 'draingate' })),
    refusal(/not bound to a pod$/),
  )
  t.match(await show(issue({ lifetimeMs: -59_000 })), { uid: 'u-1' }, 'clocks differ')
  t.match(await show(issue({ lifetimeMs: -61_000 })), refusal(/has expired$/))
})

const issuedAt = (wallMs: number, more: TokenOptions) => createTokens(() => wallMs).issue(more)

t.test('what is no token', async (t) => {
  const { callers } = scene()
  for (const none of [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic dTpw',
    'Bearer a b',
    'Bearer \u00e9',
  ]) {
    t.match(await callers(none), refusal(/there is none$/), `${none}`)
  }
  for (const none of ['x', 'a.b.c', '..', 'bnVsbA.bnVsbA.', 'MQ.MQ.MQ', '='.repeat(5_000)]) {
    t.match(await callers(`Bearer ${none}`), refusal(/not a token of a service account$/), none)
  }
})

t.test('keys of elliptic curves are as good', async (t) => {
  const { api, time } = scene()
  for (const alg of ['ES256', 'ES384', 'EdDSA']) {
    const { publicKey, privateKey } = await generateKeyPair(alg)
    api.script[path] = { keys: [{ ...(await exportJWK(publicKey)), kid: alg, alg, use: 'sig' }] }
    const fresh = freshCallers(api, time)
    const sign = (claims: JWTPayload) =>
      new SignJWT(claims).setProtectedHeader({ alg, kid: alg }).sign(privateKey)
    const seconds = time.wallMs / 1_000
    const claims = {
      aud: ['draingate'],
      exp: seconds + 600,
      'kubernetes.io': { namespace: 'shop', pod },
    }
    t.match(await fresh(await sign(claims)), { uid: 'u-1' }, alg)
    const { exp: _never, ...endless } = claims
    t.match(await fresh(await sign(endless)), refusal(/not a token of a service account/), alg)
    const early = { ...claims, nbf: seconds + 300 }
    t.match(await fresh(await sign(early)), refusal(/not good yet|clocks/), alg)
    for (const wrong of [
      null,
      'shop',
      {},
      { namespace: 'shop' },
      { namespace: 'shop', pod: { name: 'x' } },
    ]) {
      t.match(
        await fresh(await sign({ ...claims, 'kubernetes.io': wrong })),
        refusal(/not bound to a pod/),
      )
    }
  }
})

function freshCallers(api: ReturnType<typeof scriptedCluster>, time: { wallMs: number }) {
  const keys = createKeys({ api, clock: createVirtualClock() })
  const callers = createCallers({ keys, wallDate: () => new Date(time.wallMs) })
  return (token: string) => callers(`Bearer ${token}`)
}

t.test('a token that was verified is believed without keys, but not past its end', async (t) => {
  const { show, issue, time, api, clock } = scene()
  const token = issue({ lifetimeMs: 90_000 })
  t.match(await show(token), { uid: 'u-1' })
  await clock.advance(600_000)
  const asked = api.asked.length
  t.match(await show(token), { uid: 'u-1' })
  t.equal(api.asked.length, asked)
  time.wallMs += 151_000
  t.match(await show(token), refusal(/has expired$/))
})

t.test('keys that were rotated are read once, and then known', async (t) => {
  const { show, issue, tokens, publish, api, clock } = scene()
  t.match(await show(issue()), { uid: 'u-1' })
  tokens.rotateKeys()
  publish()
  await clock.advance(60_000)
  t.match(await Promise.all([show(issue()), show(issue())]), [{ uid: 'u-1' }, { uid: 'u-1' }])
  t.equal(api.asked.length, 2)
  t.match(await show(issue()), { uid: 'u-1' })
  t.equal(api.asked.length, 2)
})

t.test('a key that is published no more is good no more', async (t) => {
  const { show, issue, tokens, publish, clock } = scene()
  const [one, other, third] = [issue(), issue(), issue()]
  t.match(await show(one), { uid: 'u-1' })
  tokens.rotateKeys()
  tokens.dropOldKeys()
  publish()
  await clock.advance(300_000)
  // Nobody waits for keys that are there: whoever comes first has them read.
  await show(other)
  await clock.advance(1_000)
  t.match(await show(third), refusal(/none of the keys/))
})

t.test('whoever shows unknown keys has them read every five seconds at most', async (t) => {
  const { show, issue, api, clock } = scene()
  const forged = () => forgeries.signedByUnknown(issue())
  for (let nth = 0; nth < 100; nth += 1) {
    await Promise.all([show(forged()), show(forged()), show(issue())])
    await clock.advance(100)
  }
  t.ok(api.asked.length <= 4, `${api.asked.length} in 10 s`)
})

t.test('while the API server is away, keys that are known are as good as any', async (t) => {
  const { show, issue, api, clock } = scene()
  await show(issue())
  for (const kind of ['unreachable', 'throttled', 'denied'] as const) {
    api.script[path] = refused(kind, 503)
    await clock.advance(600_000)
    t.match(await show(issue()), { uid: 'u-1' }, kind)
  }
  t.match(await show(forgeries.prolonged(issue())), refusal(/signature is wrong/))
})

t.test('without any it cannot be told who asks', async (t) => {
  for (const answer of [
    refused('unreachable', 503),
    nobodys,
    { keys: [] },
    { keys: 'x' },
    { keys: [null] },
    {},
  ]) {
    const { show, issue, api, keys, publish, clock } = scene()
    api.script[path] = answer
    t.match(await show(issue()), { status: 503 }, JSON.stringify(answer))
    t.notOk(keys.areThere())
    publish()
    await clock.advance(5_000)
    t.match(await show(issue()), { uid: 'u-1' })
    t.ok(keys.areThere())
  }
})
