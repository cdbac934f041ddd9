import { isRecord, numberAt, textAt } from './json.ts'
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
  const said = messageOf(body)
  if (status === 401) {
    const why = isExpired(token, serverMs) ? 'the token has expired' : 'the token is not accepted'
    return { kind: 'denied', said: `${what}: ${why}`, status }
  }
  if (status === 403) return { kind: 'denied', said: forbiddenSaid(what, said, request), status }
  if (status === 404) return { kind: 'gone', said: `${what}: ${said || 'not found'}`, status }
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

/** The message of a Status object; of anything else, its beginning. */
function messageOf(body: string): string {
  try {
    const status: unknown = JSON.parse(body)
    if (isRecord(status)) return oneLine(textAt(status, 'message') ?? '')
  } catch {
    // A proxy's page, or plain text.
  }
  return oneLine(body)
}

/** No line breaks, and no more than a line has room for. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}
