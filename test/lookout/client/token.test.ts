import t, { type Test } from 'tap'
import { readToken } from '../../../src/lookout/client/token.ts'

function tokenOf(pod: { name: string } | undefined, namespace = 'shop'): string {
  const claims = { 'kubernetes.io': { namespace, ...(pod && { pod }) } }
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2lnbmF0dXJl`
}

function pathOf(t: Test, token: string): string {
  return `${t.testdir({ token: `${token}\n` })}/token`
}

const own = { name: 'web-1', namespace: 'shop' }

t.test('the token is read as it is, without the end of its line', async (t) => {
  const token = tokenOf({ name: 'web-1' })
  t.equal(await readToken(pathOf(t, token), own), token)
  t.equal(await readToken(pathOf(t, token), {}), token, 'where nobody has said which pod this is')
  t.equal(await readToken(pathOf(t, 'no-token'), own), 'no-token', 'what it is, the lookout tells')
})

t.test('one that is missing', async (t) => {
  t.match(await readToken('/nowhere/token', own), {
    kind: 'denied',
    said: /^no token for the lookout in \/nowhere\/token \(ENOENT\): mount /,
  })
})

t.test('with the token of another pod the lookout would tell of that one', async (t) => {
  const said = /is that of pod (shop\/web-2|bank\/web-1), and this is shop\/web-1: mount its own/
  t.match(await readToken(pathOf(t, tokenOf({ name: 'web-2' })), own), { kind: 'denied', said })
  t.match(await readToken(pathOf(t, tokenOf({ name: 'web-1' }, 'bank')), own), { said })
  const nameOnly = await readToken(pathOf(t, tokenOf({ name: 'web-2' })), { name: 'web-1' })
  t.match(nameOnly, { kind: 'denied' })
})
