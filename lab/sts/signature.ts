import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { AwsError } from '../elbv2/error.ts'
import type { Credential, Credentials, Identity } from './credentials.ts'

/** A request as it came in: `url` is path and query, the body its exact bytes. */
export interface SignedRequest {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}

/** Whom a signature proves, and the Region that it is good for. */
export interface Caller {
  identity: Identity
  region: string
}

export interface Verification {
  credentials: Credentials
  /** The signing name that the request must be scoped to. */
  service: string
  /** The service's wall clock, which a signature's date may miss by five minutes at most. */
  wallNowMs: number
}

/**
 * Verifies a Signature Version 4 header against the keys that the lab issued. Throws the `AwsError` that
 * AWS answers: AWS IAM User Guide, "Create a signed AWS API request" and "Troubleshoot Signature
 * Version 4 signing".
 */
export function authenticate(request: SignedRequest, verification: Verification): Caller {
  const { authorization } = request.headers
  if (!authorization)
    throw denied('MissingAuthenticationToken', 'Request is missing Authentication Token')
  const claim = parse(authorization)
  if (claim.service !== verification.service) {
    throw mismatch(`Credential should be scoped to correct service: '${verification.service}'.`)
  }
  const credential = verification.credentials.find(claim.accessKeyId)
  if (
    !credential ||
    header(request, 'x-amz-security-token') !== (credential.session?.token ?? '')
  ) {
    throw denied('InvalidClientTokenId', 'The security token included in the request is invalid.')
  }
  if (credential.session && credential.session.expiresAtMs <= verification.wallNowMs) {
    throw expiredToken()
  }
  const date = header(request, 'x-amz-date')
  checkDate(date, claim.day, verification.wallNowMs)
  checkSignature(request, claim, date, credential)
  return { identity: credential.identity, region: claim.region }
}

/** The answer to a temporary key past its time. */
export const expiredToken = () =>
  denied('ExpiredToken', 'The security token included in the request is expired')

const denied = (code: string, message: string) => new AwsError(code, message, 403)

const mismatch = (message: string) => denied('SignatureDoesNotMatch', message)

const header = (request: SignedRequest, name: string) => String(request.headers[name] ?? '')

interface Claim {
  accessKeyId: string
  day: string
  region: string
  service: string
  signedHeaders: string[]
  signature: string
}

function parse(authorization: string): Claim {
  const found =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([\w-]+)\/([\w-]+)\/aws4_request, *SignedHeaders=([\w;-]+), *Signature=([\da-f]{64})$/.exec(
      authorization,
    )
  const [, accessKeyId = '', day = '', region = '', service = '', names = '', signature = ''] =
    found ?? []
  const signedHeaders = names.split(';')
  // Without these two a signature could be replayed elsewhere and at any time.
  if (!signedHeaders.includes('host') || !signedHeaders.includes('x-amz-date')) {
    throw new AwsError('IncompleteSignature', 'Authorization header is incomplete or malformed')
  }
  return { accessKeyId, day, region, service, signedHeaders, signature }
}

// The words are AWS's: SDKs look for "Signature expired" before they correct their clock.
function checkDate(date: string, day: string, wallNowMs: number) {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? []
  const atMs = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
  if (Number.isNaN(atMs) || !date.startsWith(day)) {
    throw mismatch('Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date')
  }
  const here = stamp(wallNowMs)
  if (atMs < wallNowMs - toleranceMs) {
    const earliest = stamp(wallNowMs - toleranceMs)
    throw mismatch(`Signature expired: ${date} is now earlier than ${earliest} (${here} - 5 min.)`)
  }
  if (atMs > wallNowMs + toleranceMs) {
    const latest = stamp(wallNowMs + toleranceMs)
    throw mismatch(
      `Signature not yet current: ${date} is still later than ${latest} (${here} + 5 min.)`,
    )
  }
}

const toleranceMs = 5 * 60_000

const stamp = (atMs: number) => new Date(atMs).toISOString().replace(/[-:]|\.\d+/g, '')

function checkSignature(request: SignedRequest, claim: Claim, date: string, key: Credential) {
  const scope = [claim.day, claim.region, claim.service, 'aws4_request']
  const signed = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical(request, claim))]
  let secret: string | Buffer = `AWS4${key.secretAccessKey}`
  for (const part of scope) secret = hmac(secret, part)
  const expected = hmac(secret, signed.join('\n'))
  if (!timingSafeEqual(expected, Buffer.from(claim.signature, 'hex'))) {
    throw mismatch(
      'The request signature we calculated does not match the signature you provided. ' +
        'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    )
  }
}

function canonical({ method, url, headers, body }: SignedRequest, claim: Claim): string {
  const [path = '/', query = ''] = url.split('?')
  const lines = claim.signedHeaders.map((name) => {
    return `${name}:${String(headers[name] ?? '')
      .trim()
      .replace(/ +/g, ' ')}`
  })
  const parameters = query.split('&').sort().join('&')
  return [method, path, parameters, ...lines, '', claim.signedHeaders.join(';'), sha256(body)].join(
    '\n',
  )
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')

const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest()
