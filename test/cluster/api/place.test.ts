import { join } from 'node:path'
import t from 'tap'
import { findPlace } from '../../../src/cluster/api/place.ts'

const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT_HTTPS: '443' }
const tokenOf = (claims: object) =>
  `header.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`
const bound = tokenOf({ 'kubernetes.io': { namespace: 'shop', pod: { name: 'web-1', uid: 'u' } } })

t.test('by the service account alone: its token names the pod', async (t) => {
  const directory = t.testdir({ token: bound })
  t.strictSame(findPlace({ environment, directory }), {
    ...{ kind: 'pod', host: 'fd00::1', port: 443, directory },
    pod: { namespace: 'shop', name: 'web-1' },
  })
})

t.test('the downward API beats the token', async (t) => {
  const directory = t.testdir({ token: bound })
  t.match(findPlace({ environment, directory, name: 'web-2', namespace: 'store' }), {
    pod: { namespace: 'store', name: 'web-2' },
  })
})

t.test('an old token names no pod; the namespace has a file', async (t) => {
  const directory = t.testdir({ token: 'opaque', namespace: 'shop\n' })
  t.match(findPlace({ environment, directory, name: 'web-1' }), {
    pod: { namespace: 'shop', name: 'web-1' },
  })
  t.match(findPlace({ environment, directory }), { kind: 'elsewhere', said: /POD_NAME/ })
})

t.test('no cluster, no token', async (t) => {
  const directory = join(t.testdir({}), 'none')
  t.match(findPlace({ environment: {}, directory }), { said: /KUBERNETES_SERVICE_HOST/ })
  t.match(findPlace({ environment: { KUBERNETES_SERVICE_HOST: 'fd00::1' }, directory }), {
    said: /: KUBERNETES_SERVICE_PORT_HTTPS is not set/,
  })
  t.match(findPlace({ environment, directory }), {
    kind: 'elsewhere',
    said: /ENOENT.*automountServiceAccountToken: true/,
  })
})
