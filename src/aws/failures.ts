import type { Failure } from '../drain/ports.ts'
import { readTargetGroupArn } from './arn.ts'

/** What an error of the SDK may carry; none of it is certain. */
interface AwsError {
  readonly name?: string
  readonly message?: string
  /** Of a system error: ECONNREFUSED, ENOTFOUND. */
  readonly code?: string
  /** Of an error of the file system. */
  readonly path?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

const throttled = /throttl|RequestLimitExceeded|TooManyRequests|SlowDown/i
const denied = /AccessDenied|Unauthorized|OptInRequired|MissingAuthentication|IncompleteSignature/
const badCredentials = /ExpiredToken|InvalidClientTokenId|UnrecognizedClient/
const skewed = /SignatureDoesNotMatch|RequestTimeTooSkewed|RequestInTheFuture|RequestExpired/
const noCredentials =
  /CredentialsProviderError|TokenProviderError|InvalidIdentityToken|IDPRejectedClaim/

/**
 * Turns whatever the SDK threw into one of the drain's failures, with a line that says what to do.
 * Messages of AWS are quoted with care: that of SignatureDoesNotMatch repeats the session token.
 *
 * @param action The API action that was called, like `DescribeTargetHealth`.
 */
export function failureOf(error: unknown, action: string): Failure {
  const { name = '', message = '', code = '', path, $metadata } = (error ?? {}) as AwsError
  const status = $metadata?.httpStatusCode ?? 0
  if (throttled.test(name) || status === 429) {
    return { kind: 'throttled', said: `${action} throttled by AWS (${name}): asking more seldom` }
  }
  if (/TargetGroupNotFound/.test(name)) {
    return { kind: 'gone', said: `${action}: the target group does not exist` }
  }
  if (badCredentials.test(name)) {
    return {
      kind: 'denied',
      said: `${action} denied: the credentials are not valid any more (${name})`,
    }
  }
  if (skewed.test(name)) {
    const said = `${action} denied: wrong signature (${name}): check the secret key and the node's clock`
    return { kind: 'denied', said }
  }
  if (noCredentials.test(name)) {
    return { kind: 'denied', said: noCredentialsSaid(`${name}: ${oneLine(message)}`) }
  }
  // Of files the SDK reads none but those that its credentials are in.
  if (code !== '' && path !== undefined) return { kind: 'denied', said: unreadSaid(path) }
  if (denied.test(name) || status === 401 || status === 403) {
    return { kind: 'denied', said: deniedSaid(action, message) }
  }
  // The SDK reports a body that it cannot parse with the status that came with it.
  if (status >= 500)
    return { kind: 'unreachable', said: `${action}: AWS answered ${status} ${name}` }
  if (code !== '' || /Timeout|Abort|Network/i.test(name)) {
    return {
      kind: 'unreachable',
      said: `${action}: no answer (${code || name}: ${oneLine(message)})`,
    }
  }
  return {
    kind: 'malformed',
    said: `${action}: ${refusedIdSaid(message) ?? foreignSaid(message) ?? `${name}: ${oneLine(message)}`}`,
  }
}

/** STS repeats an external id that it refuses, and an external id is a secret. */
function refusedIdSaid(message: string): string | undefined {
  return /externalId/i.test(message)
    ? 'STS refuses the external id as malformed: check ASSUME_ROLE_EXTERNAL_ID'
    : undefined
}

/** AWS calls the ARN of another account's or Region's group "not valid" (aws-cli #3673). */
function foreignSaid(message: string): string | undefined {
  const [, arn = ''] = /'(\S+)' is not a valid target group ARN/.exec(message) ?? []
  const group = readTargetGroupArn(arn)
  return group
    ? `${arn} is refused: with these credentials nothing of account ${group.account} can be seen; give a role of that account in ASSUME_ROLE_ARN`
    : undefined
}

/** Credentials that were refused, not a permission that lacks: only new ones can help. */
export function isCredentialsFault(error: unknown): boolean {
  return badCredentials.test((error as AwsError | undefined)?.name ?? '')
}

function deniedSaid(action: string, message: string): string {
  // "User: ARN is not authorized to perform: ACTION on resource: ARN because ..."
  const [, user = "the pod's role"] = /User: (\S+) is not authorized/.exec(message) ?? []
  const [, asked = `elasticloadbalancing:${action}`] = /to perform: ([\w:]+)/.exec(message) ?? []
  const [, role] = /on resource: (arn:\S+:role\/\S+)/.exec(message) ?? []
  return role && asked.startsWith('sts:')
    ? `${asked} denied: let ${role} trust ${user}, and check ASSUME_ROLE_EXTERNAL_ID`
    : `${action} denied: allow ${asked} for ${user}`
}

export function noCredentialsSaid(why: string): string {
  return `no AWS credentials: give the pod's service account a role, by IRSA or Pod Identity (${why})`
}

/** Of a token that the environment names: IRSA's and Pod Identity's are mounted by the kubelet. */
export function unreadSaid(path: string): string {
  return `no AWS credentials: cannot read ${path}, which a variable names: is it mounted, and may this user read it?`
}

function oneLine(text: string): string {
  // The SDK's hint on how to debug a body is for its own callers.
  const line = text
    .replace(/Deserialization error:.*$/s, '')
    .replace(/\s+/g, ' ')
    .trim()
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}
