import { qualified, type Resource } from './resources.ts'

/** What an error is about. */
export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  /** Of an object the plural, of an invalid one the kind. */
  readonly kind?: string
  readonly causes?: readonly { reason?: string; message: string; field?: string }[]
  readonly retryAfterSeconds?: number
}

/** An error in the API server's words: a Status object. */
export class StatusError extends Error {
  readonly code: number
  readonly reason: string
  readonly details: StatusDetails | undefined

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
  }
}

/** The body of an error (k8s.io/apimachinery, pkg/api/errors/errors.go, as are the errors here). */
export function statusOf({ code, reason, message, details }: StatusError): object {
  return {
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason },
    ...(details && { details }),
    code,
  }
}

type Plural = Pick<Resource, 'group' | 'plural'>

const about = ({ group, plural }: Plural, name?: string): StatusDetails => ({
  ...(name !== undefined && { name }),
  ...(group !== '' && { group }),
  kind: plural,
})

export const badRequest = (message: string) => new StatusError(400, 'BadRequest', message)

export const unauthorized = () => new StatusError(401, 'Unauthorized', 'Unauthorized')

export function forbidden(resource: Plural, name: string | undefined, why: string): StatusError {
  const what = name === undefined ? qualified(resource) : `${qualified(resource)} "${name}"`
  return new StatusError(403, 'Forbidden', `${what} is forbidden: ${why}`, about(resource, name))
}

export const notFound = (resource: Plural, name: string) =>
  new StatusError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, {
    ...about(resource, name),
  })

export const methodNotAllowed = () =>
  new StatusError(
    ...([405, 'MethodNotAllowed'] as const),
    'the server does not allow this method on the requested resource',
    {},
  )

export const alreadyExists = (resource: Plural, name: string) =>
  new StatusError(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, {
    ...about(resource, name),
  })

export const conflict = (resource: Plural, name: string, why: string) =>
  new StatusError(
    ...([409, 'Conflict'] as const),
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    about(resource, name),
  )

/** A field that is wrong: `message` as in `Required value`. */
export interface Cause {
  readonly reason: 'FieldValueRequired' | 'FieldValueInvalid' | 'FieldValueNotSupported'
  readonly field: string
  readonly message: string
}

export function invalid(resource: Resource, name: string, causes: readonly Cause[]): StatusError {
  const { group, kind } = resource
  const told = causes.map(({ field, message }) => `${field}: ${message}`)
  const list = told.length === 1 ? `${told[0]}` : `[${told.join(', ')}]`
  const whole = group === '' ? kind : `${kind}.${group}`
  const message = `${whole} "${name}" is invalid: ${list}`
  return new StatusError(422, 'Invalid', message, {
    ...{ name, ...(group !== '' && { group }), kind, causes },
  })
}

export const internal = (message: string) =>
  new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, {
    causes: [{ message }],
  })

export const unavailable = () =>
  new StatusError(
    ...([503, 'ServiceUnavailable'] as const),
    'the server is currently unable to handle the request',
  )
