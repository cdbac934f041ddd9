import { pipeline, Readable, Transform } from 'node:stream'

/**
 * A listing has about 400 bytes for each target, and no group has more than some thousand targets
 * (ELBv2 quotas). The SDK holds a body as text, as a tree and as objects at once: without a bound, a
 * wrong answer could take more memory than the sidecar is given, and its end would release the hook.
 */
const mostBytes = 2 * 1024 * 1024

/** Makes a response's body fail, if it is a stream, once it is longer than `mostBytes`. */
export function boundBody(response: { body?: unknown }): void {
  const { body } = response
  if (!(body instanceof Readable)) return
  let bytes = 0
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes <= mostBytes) done(null, chunk)
      else done(new AnswerTooLong(`an answer of more than ${mostBytes} bytes`))
    },
  })
  // An error on either side ends both, and is seen by whoever reads the bounded one.
  response.body = pipeline(body, bounded, () => undefined)
}

class AnswerTooLong extends Error {
  override name = 'AnswerTooLong'
}
