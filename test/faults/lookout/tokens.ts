/** What can be wrong with the token that a pod shows to a lookout. */
import { pods } from '../../../lab/kubernetes/resources.ts'
import { forgeries } from '../../../lab/kubernetes/tokens/forgeries.ts'
import type { TokenOptions } from '../../../lab/kubernetes/tokens/tokens.ts'
import { old } from '../../e2e/lookout/update.ts'
import type { Row } from '../rows.ts'
import { fallen, followed } from './faults.ts'
import type { LookoutStage } from './stage.ts'

export const rows: readonly Row[] = [
  issued('has expired', { lifetimeMs: -120_000 }, /the token is refused: it has expired/),
  issued(
    'is one for the API server',
    { audience: 'https://kubernetes.default.svc' },
    /the token is refused: it is not for the audience draingate/,
  ),
  issued(
    'is that of another pod',
    { pod: { name: 'web-9-9', uid: 'of-another' } },
    /is that of pod shop\/web-9-9, and this is shop\/web-1-0/,
  ),
  fallen('the token is unsigned (`alg: none`)', /it is not signed as it has to be/, (stage) =>
    stage.kubernetes.spoil(old, forgeries.unsigned),
  ),
  fallen(
    'the token was signed by somebody else, under the name of a key of the cluster',
    /its signature is wrong/,
    (stage) => stage.kubernetes.spoil(old, forgeries.signedByAnother),
  ),
  followed('the keys of the cluster are rotated in the middle, and the old ones dropped', {
    because: 'where a token shows a key that is not known, the keys are read anew',
    when: 'in the middle',
    what({ kubernetes, lookouts }) {
      kubernetes.access.rotateKeys()
      kubernetes.access.dropOldKeys()
      kubernetes.rotate(old)
      // Theirs for the API server has ended as well.
      lookouts.rotate()
    },
  }),
]

/** A token that the cluster itself has issued. */
function issued(name: string, wrong: Partial<TokenOptions>, said: RegExp): Row {
  return fallen(`the token ${name}`, said, ({ kubernetes }: LookoutStage) => {
    const { uid = '' } = kubernetes.store.get(pods, 'shop', old).metadata
    const good = { namespace: 'shop', account: 'web', pod: { name: old, uid } }
    const token = kubernetes.access.issue({ ...good, audience: 'draingate', ...wrong })
    kubernetes.spoil(old, () => token)
  })
}
