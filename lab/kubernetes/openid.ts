import type { ApiAnswer, RoutesDeps } from './request.ts'
import { issuer } from './tokens/tokens.ts'

/**
 * Who signs the tokens of service accounts, and with which keys (k8s.io/kubernetes, pkg/routes,
 * openidmetadata.go); undefined for any other path. All service accounts may know, by the role
 * `system:service-account-issuer-discovery`, and nobody else has a token here.
 */
export function openid(path: string, { access }: RoutesDeps): ApiAnswer | undefined {
  if (path === '/.well-known/openid-configuration') return found(configuration, 'application/json')
  if (path !== keysPath) return undefined
  return found({ keys: access.publishedKeys() }, 'application/jwk-set+json')
}

const keysPath = '/openid/v1/jwks'

const configuration = {
  issuer,
  // The API server's own address by default, which a pod need not reach: many clusters have such a one.
  jwks_uri: `https://10.96.0.1:6443${keysPath}`,
  response_types_supported: ['id_token'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
}

const found = (body: object, type: string): ApiAnswer => ({
  ...{ status: 200, body },
  headers: { 'content-type': type, 'cache-control': 'public, max-age=3600' },
})
