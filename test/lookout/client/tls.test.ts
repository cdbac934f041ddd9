import t, { type Test } from 'tap'
import { createCertificates } from '../../../lab/kubernetes/certificates.ts'
import { createExchange } from '../../../src/lookout/client/exchange.ts'
import { type Handle, loopback } from '../../support/loopback.ts'
import { createVirtualClock } from '../../support/virtual-clock.ts'

const never = new AbortController().signal
const post = { path: '/v1/look', token: 'a-token', body: {} }

async function scene(t: Test, name = 'localhost') {
  const certificates = await createCertificates()
  const heard: string[] = []
  const handle: Handle = (request, response) => {
    heard.push(request.url ?? '')
    response.end('{}')
  }
  const address = await loopback(t, handle, { certificates, name })
  const ask = (caFile?: string) => {
    const clock = createVirtualClock()
    const exchange = createExchange({ clock, ...(caFile === undefined ? {} : { caFile }) })
    return exchange(address, post, never).finally(() => t.equal(clock.sleepers(), 0))
  }
  return { ask, heard, ca: certificates.ca }
}

t.test('a lookout with a certificate of the CA, by name and by address', async (t) => {
  for (const name of ['localhost', '127.0.0.1', '[::1]']) {
    const { ask, ca } = await scene(t, name)
    t.strictSame(
      await ask(`${t.testdir({ 'ca.crt': ca })}/ca.crt`),
      { status: 200, body: '{}' },
      name,
    )
  }
})

t.test('no token is shown to one with another CA, without, or of another name', async (t) => {
  const { ask, heard } = await scene(t)
  const { ca } = await createCertificates()
  await t.rejects(ask(`${t.testdir({ 'ca.crt': ca })}/ca.crt`), {
    code: /CERT|SIGNATURE|SELF|LEAF/,
  })
  await t.rejects(ask(), { code: /CERT|SIGNATURE|SELF|LEAF/ })
  const other = await scene(t, 'elsewhere')
  const caFile = `${t.testdir({ 'ca.crt': other.ca })}/ca.crt`
  await t.rejects(other.ask(caFile), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  t.strictSame([...heard, ...other.heard], [])
})

t.test('a CA that cannot be read says which', async (t) => {
  const { ask, heard } = await scene(t)
  await t.rejects(ask('/none/ca.crt'), { message: /LOOKOUT_CA_FILE.*\/none\/ca\.crt.*ENOENT/ })
  t.strictSame(heard, [])
})
