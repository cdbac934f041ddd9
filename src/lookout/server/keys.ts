import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { KubernetesApi } from '../../cluster/api/kubernetes-api.ts'
import { listAt } from '../../cluster/json.ts'
import type { Failure } from '../../drain/ports.ts'
import type { Clock } from '../../time/clock.ts'

/** The keys with which the cluster signs the tokens of its service accounts. */
export interface Keys {
  /** The keys; read anew where they are old, or where somebody showed one that is not among them. */
  get(which: 'known' | 'newer'): Promise<JWTVerifyGetKey | Failure>
  /** Whether they have ever been read. */
  areThere(): boolean
}

export interface KeysDeps {
  readonly api: KubernetesApi
  readonly clock: Clock
}

/** After so long keys are read anew by whoever comes next: one that is published no more is no good from then on. */
const keptMs = 300_000
/** Whoever shows keys that nobody knows has them read no oftener than that. Milliseconds. */
const restMs = 5_000

const never = new AbortController().signal

export function createKeys({ api, clock }: KeysDeps): Keys {
  let keys: JWTVerifyGetKey | undefined
  let readAtMs = -Infinity
  let triedAtMs = -Infinity
  let reading: Promise<Failure | undefined> | undefined

  async function read(): Promise<Failure | undefined> {
    triedAtMs = clock.now()
    // Not by the discovery document: its URI need not be reachable from inside the cluster.
    const answer = await api.get('/openid/v1/jwks', never)
    if (answer.kind !== 'answer') return answer
    const found = listAt(answer.body, 'keys')
    const said = 'get /openid/v1/jwks: an answer without keys'
    if (found.length === 0) return { kind: 'malformed', said }
    try {
      keys = createLocalJWKSet(answer.body as JSONWebKeySet)
      readAtMs = clock.now()
      return undefined
    } catch {
      return { kind: 'malformed', said }
    }
  }

  return {
    areThere: () => keys !== undefined,
    async get(which) {
      const now = clock.now()
      const isOld = now - readAtMs >= keptMs
      const isWanted = keys === undefined || isOld || which === 'newer'
      // A crowd that shows a new key is told of it by the read that the first of them began.
      const isJoined = which === 'newer' && reading !== undefined
      const isTooSoon = keys !== undefined && now - triedAtMs < restMs && !isJoined
      if (!isWanted || isTooSoon) return keys as JWTVerifyGetKey
      reading ??= read().finally(() => {
        reading = undefined
      })
      // Those that are there need not wait for an API server that is away.
      if (keys && which === 'known') return keys
      const failure = await reading
      // While the API server is away those that were read last are as good as any.
      return keys ?? failure ?? { kind: 'unreachable', said: 'the keys have not been read yet' }
    },
  }
}
