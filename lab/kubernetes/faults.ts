/**
 * What can go wrong with an answer: an error that the API server gives under load or in trouble (429,
 * 500, 503, with its own words); the right answer, but late by `delayMs`, never begun (`hang`), never
 * ended (`hang-in-body`), cut off (`reset`) or short (`truncated`, half of it as if complete); or, in its
 * place, a proxy's page (`html`), its 404 (`page-not-found`), an empty object (`empty`), 10 MB of JSON
 * (`huge`).
 */
export type ApiFault =
  | { readonly kind: 'status'; readonly code: number }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'hang' | 'hang-in-body' | 'reset' | 'truncated' }
  | { readonly kind: 'html' | 'page-not-found' | 'empty' | 'huge' }

export interface ApiFaults {
  /** What goes wrong with paths that contain this, from now on. */
  break(path: string, fault: ApiFault): void
  /** Nothing goes wrong any more; or nothing of what `break` was told of this path. */
  mend(path?: string): void
  /** What goes wrong with a request for this URL. */
  of(url: string): ApiFault | undefined
}

export function createApiFaults(): ApiFaults {
  const faults = new Map<string, ApiFault>()
  return {
    break: (path, fault) => void faults.set(path, fault),
    mend: (path) => (path === undefined ? faults.clear() : void faults.delete(path)),
    of: (url) => [...faults].find(([path]) => url.includes(path))?.[1],
  }
}
