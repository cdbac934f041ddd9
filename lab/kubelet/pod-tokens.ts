import type { Access } from '../kubernetes/access.ts'
import type { Pod } from '../kubernetes/objects.ts'
import type { Mounts } from './mounts.ts'

export interface PodTokensDeps {
  readonly access: Access
  readonly mounts: Mounts
}

/** The tokens of a pod, in the files in which its containers find them. */
export interface PodTokens {
  /** Puts new ones in the place of the old; of the old, the one for the API server ends. */
  put(lifetimeMs?: number): void
  /** Puts what is made of a good one in the place of the token for the lookout. */
  spoil(made: (token: string) => string): void
}

/** None are written yet. */
export function createPodTokens(object: Pod, { access, mounts }: PodTokensDeps): PodTokens {
  const { namespace = '', name = '', uid = '' } = object.metadata
  const { serviceAccountName: account = 'default', nodeName: node = '' } = object.spec ?? {}
  const bound = { namespace, account, pod: { name, uid }, node }
  // The lab has no other volumes.
  const [volume] = object.spec?.volumes ?? []
  const audience = volume?.projected.sources[0]?.serviceAccountToken.audience
  let token: string | undefined

  return {
    put(lifetimeMs) {
      const lived = lifetimeMs === undefined ? {} : { lifetimeMs }
      if (token !== undefined) access.revoke(token)
      token = access.issue({ ...bound, ...lived })
      mounts.putToken(token)
      if (audience) mounts.putLookoutToken(access.issue({ ...bound, ...lived, audience }))
    },
    spoil(made) {
      if (audience) mounts.putLookoutToken(made(access.issue({ ...bound, audience })))
    },
  }
}
