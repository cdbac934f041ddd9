import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose'
import t from 'tap'
import { forgeries } from '../../../../lab/kubernetes/tokens/forgeries.ts'
import { type Api, podsPath, startApi } from '../api.ts'

const bound = { name: 'web-1', uid: 'u-1' }
const options = { namespace: 'shop', account: 'web', pod: bound, node: 'node-1' }
const keysPath = '/openid/v1/jwks'

/** Verifies as one does who has only what the API server publishes. */
async function verifier({ ask, access, time }: Api) {
  const authorization = `Bearer ${access.issue(options)}`
  const { body } = await ask('GET', keysPath, undefined, { authorization })
  const keys = createLocalJWKSet(body as JSONWebKeySet)
  return (token: string, audience = 'draingate') =>
    jwtVerify(token, keys, { audience, currentDate: new Date(time.wallMs) })
}

t.test('a token says what a real one says', async (t) => {
  const { access, time } = await startApi(t)
  const now = Math.floor(time.wallMs / 1_000)
  const claims = decodeJwt(access.issue({ ...options, lifetimeMs: 600_000 }))
  t.match(claims, {
    ...{ aud: ['https://kubernetes.default.svc'], exp: now + 600, iat: now, nbf: now },
    iss: 'https://kubernetes.default.svc.cluster.local',
    jti: /^[-\da-f]{36}$/,
    'kubernetes.io': {
      ...{ namespace: 'shop', node: { name: 'node-1', uid: /./ }, pod: bound },
      serviceaccount: { name: 'web', uid: /./ },
    },
    sub: 'system:serviceaccount:shop:web',
  })
  const next = decodeJwt(access.issue({ ...options, pod: { name: 'web-2', uid: 'u-2' } }))
  const { node, serviceaccount } = claims['kubernetes.io'] as Record<string, object>
  t.match(next['kubernetes.io'], { node, serviceaccount }, 'the same account, on the same node')
  t.not(next.jti, claims.jti)
})

t.test('a token is for its audience only', async (t) => {
  const api = await startApi(t)
  const { access, ask } = api
  const verify = await verifier(api)
  const ours = access.issue({ ...options, audience: 'draingate' })
  const asked = async (token: string) =>
    (await ask('GET', podsPath, undefined, { authorization: `Bearer ${token}` })).status
  t.equal(await asked(ours), 401)
  t.equal(await asked(access.issue(options)), 200)
  t.match((await verify(ours)).payload, { 'kubernetes.io': { pod: bound } })
  await t.rejects(verify(access.issue(options)), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' })
})

t.test('the keys are told to all service accounts, and to nobody else', async (t) => {
  const { ask } = await startApi(t, [])
  const { status, headers, body } = await ask('GET', keysPath)
  t.equal(status, 200)
  t.match(headers, {
    'content-type': 'application/jwk-set+json',
    'cache-control': 'public, max-age=3600',
  })
  const base64url = /^[-\w]+$/
  t.match(body, {
    keys: [{ use: 'sig', kty: 'RSA', kid: base64url, alg: 'RS256', n: base64url, e: 'AQAB' }],
  })
  t.match(await ask('GET', '/.well-known/openid-configuration'), {
    headers: { 'content-type': 'application/json' },
    body: { issuer: 'https://kubernetes.default.svc.cluster.local', jwks_uri: /jwks$/ },
  })
  for (const authorization of [[], 'Bearer x']) {
    t.equal((await ask('GET', keysPath, undefined, { authorization })).status, 401)
  }
})

t.test('after a rotation the old key is good until it is dropped', async (t) => {
  const api = await startApi(t)
  const { access } = api
  const issue = () => access.issue({ ...options, audience: 'draingate' })
  const [old, forApi] = [issue(), access.issue(options)]
  const before = await verifier(api)
  access.rotateKeys()
  const fresh = issue()
  await t.rejects(before(fresh), { code: 'ERR_JWKS_NO_MATCHING_KEY' }, 'who asked before')
  const between = await verifier(api)
  await between(old)
  await between(fresh)
  t.ok(access.userOf(`Bearer ${forApi}`))
  access.dropOldKeys()
  const after = await verifier(api)
  await t.rejects(after(old), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
  await after(fresh)
  t.throws(() => access.userOf(`Bearer ${forApi}`), /Unauthorized/)
})

t.test('what is past its time', async (t) => {
  const api = await startApi(t)
  const verify = await verifier(api)
  const late = api.access.issue({ ...options, audience: 'draingate', lifetimeMs: -1 })
  await t.rejects(verify(late), { code: 'ERR_JWT_EXPIRED' })
})

for (const [name, forge] of Object.entries(forgeries)) {
  t.test(`no one believes a token that is forged: ${name}`, async (t) => {
    const api = await startApi(t)
    const { access } = api
    const verify = await verifier(api)
    const keys = access.publishedKeys()
    const ours = access.issue({ ...options, audience: 'draingate' })
    const forged = forge(ours, keys)
    t.not(forged, ours)
    t.match(decodeJwt(forged), { sub: 'system:serviceaccount:shop:web' }, 'it reads well')
    await t.rejects(verify(forged))
    await verify(ours)
    const forApi = forge(access.issue(options), keys)
    t.throws(() => access.userOf(`Bearer ${forApi}`), /Unauthorized/)
  })
}

t.test('what is no token', async (t) => {
  const { access } = await startApi(t)
  const [header = '', claims = ''] = access.issue(options).split('.')
  for (const none of ['x', 'a.b.c', '..', `${header}.${claims}`, 'bnVsbA.bnVsbA.', 'MQ.MQ.MQ']) {
    t.throws(() => access.userOf(`Bearer ${none}`), /Unauthorized/, none)
  }
})
