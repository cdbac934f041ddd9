import { isRecord, numberAt, textAt } from '../json.ts'
import type { Refusal } from './kubernetes-api.ts'
import { type Request, ruleOf } from './request.ts'
import { claimsOf } from './token.ts'

/** An HTTP answer, read to its end. */
export interface HttpAnswer {
  readonly status: number
  readonly body: string
  readonly serverMs: number
  /** The bearer token that was sent. */
  readonly token: string
}

/** Turns an answer that is not one into a failure, with a line that says what to do. */
export function refusalOf(
  { status, body, serverMs, token }: HttpAnswer,
  what: string,
  request?: Request,
): Refusal {
  const told = parsed(body)
  const said = oneLine(messageIn(told) ?? body)
  if (status === 401) {
    const why = isExpired(token, serverMs) ? 'the token has expired' : 'the token is not accepted'
    return { kind: 'denied', said: `${what}: ${why}`, status }
  }
  if (status === 403) return { kind: 'denied', said: forbiddenSaid(what, said, request), status }
  if (status === 404 && request && saysNotFound(told, request)) {
    return { kind: 'gone', said: `${what}: ${said}`, status }
  }
  if (status === 404) return nobodys404(what, said)
  if (status === 429) {
    return { kind: 'throttled', said: `${what}: the API server asks for patience`, status }
  }
  const kind = status >= 500 ? 'unreachable' : 'malformed'
  return { kind, said: `${what}: the API server answered ${status} ${said}`.trimEnd(), status }
}

/** A service account's token is a JWT: what it says of its end is in the second part. */
function isExpired(token: string, serverMs: number): boolean {
  return serverMs >= (numberAt(claimsOf(token), 'exp') ?? Infinity) * 1_000
}

/** An error of Node.js: no answer at all, or none that could be read. */
export function unreachable(error: unknown, what: string): Refusal {
  const { code, name, message } = error as NodeJS.ErrnoException
  const why = code ?? (name === 'TimeoutError' ? message : `${name}: ${oneLine(message)}`)
  return { kind: 'unreachable', said: `${what}: no answer from the API server (${why})` }
}

/** `User "system:serviceaccount:NS:NAME" cannot ...`: the message names whom the rule is for. */
function forbiddenSaid(what: string, said: string, request: Request | undefined): string {
  const [, user] = /User "([^"]+)"/.exec(said) ?? []
  const whom = user?.replace('system:serviceaccount:', '') ?? "the pod's service account"
  return request
    ? `${what}: forbidden; add ${ruleOf(request)} to a Role of ${whom}`
    : `${what}: forbidden for ${whom}`
}

/**
 * Whether the API server itself says that an object does not exist (k8s.io/apimachinery,
 * pkg/api/errors, NewNotFound). Any other 404 may be that of a proxy which has lost the API server.
 */
function saysNotFound(told: unknown, { group, resource, name }: Request): boolean {
  return (
    textAt(told, 'kind') === 'Status' &&
    textAt(told, 'reason') === 'NotFound' &&
    (textAt(told, 'details', 'group') ?? '') === group &&
    textAt(told, 'details', 'kind') === resource &&
    name !== undefined &&
    textAt(told, 'details', 'name') === name
  )
}

/** A 404 that is no word of the API server on the object that was asked for. */
export function nobodys404(what: string, said: string): Refusal {
  const whose = `a 404 that is not of the API server${said ? ` (${said})` : ''}`
  return { kind: 'malformed', said: `${what}: ${whose}: is a proxy in between?`, status: 404 }
}

/** A Status object; undefined for a proxy's page, or plain text. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function messageIn(told: unknown): string | undefined {
  return isRecord(told) ? (textAt(told, 'message') ?? '') : undefined
}

/** No line breaks, and no more than a line has room for. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}
