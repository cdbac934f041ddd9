/**
 * A refusal in AWS's own words. `code` is the error code on the wire (`TargetGroupNotFound`; the SDK
 * may append `Exception` to it) and `status` the HTTP status that AWS answers it with.
 */
export class Elbv2Error extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.name = code
    this.code = code
    this.status = status
  }
}

/** An argument that AWS's validation refuses (400). */
export const invalid = (message: string) => new Elbv2Error('ValidationError', message)
