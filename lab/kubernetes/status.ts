/** An error as the API server words it: a Status object. */
export class StatusError extends Error {
  readonly code: number
  readonly reason: string

  constructor(code: number, reason: string, message: string) {
    super(message)
    this.code = code
    this.reason = reason
  }
}

/** The body of an error (k8s.io/apimachinery, meta/v1 Status). */
export function statusOf({ code, reason, message }: StatusError): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code,
  }
}

export const notFound = (resource: string, name: string) =>
  new StatusError(404, 'NotFound', `${resource} "${name}" not found`)
export const unauthorized = () => new StatusError(401, 'Unauthorized', 'Unauthorized')
export const invalid = (message: string) => new StatusError(422, 'Invalid', message)
