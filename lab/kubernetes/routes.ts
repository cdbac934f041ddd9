import { discover } from './discovery.ts'
import { openid } from './openid.ts'
import { readPath } from './path.ts'
import type { ApiAnswer, ApiRequest, RoutesDeps } from './request.ts'
import { handle } from './rest.ts'
import { reviews } from './reviews.ts'
import { internal, StatusError, statusOf, unauthorized } from './status.ts'

/**
 * The REST API: authentication, then permission, then what is there. Never throws.
 *
 * As on EKS, only the health endpoints answer without a token; elsewhere `system:anonymous` would be
 * told 403.
 */
export function createRoutes(deps: RoutesDeps): (request: ApiRequest) => ApiAnswer {
  return (request) => {
    try {
      return route(request, deps)
    } catch (error) {
      const told = error instanceof StatusError ? error : internal(String(error))
      return { status: told.code, body: statusOf(told) }
    }
  }
}

const healthPath = /^\/(?:healthz|livez|readyz)$/

function route(request: ApiRequest, deps: RoutesDeps): ApiAnswer {
  const url = new URL(request.url, 'https://api')
  const user = deps.access.userOf(request.authorization)
  if (healthPath.test(url.pathname)) return { status: 200, body: 'ok' }
  if (user === undefined) throw unauthorized()
  const place = readPath(url.pathname)
  if (place === undefined) {
    return openid(url.pathname, deps) ?? discover(url.pathname, deps) ?? pageNotFound
  }
  const review = reviews[`${request.method} ${place.group} ${place.plural}`]
  if (review !== undefined && place.version === 'v1') {
    return review({ request, user, access: deps.access })
  }
  return handle({ ...request, url, user, place }, deps) ?? pageNotFound
}

/**
 * What Go's own 404 says, for a path that nobody serves: the CRD is not installed. Any other server that
 * is written in Go says the same.
 */
export const pageNotFound: ApiAnswer = { status: 404, body: '404 page not found\n' }
