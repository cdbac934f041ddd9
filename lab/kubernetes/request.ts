import type { Access } from './access.ts'
import type { Resource } from './resources.ts'
import type { Store } from './store.ts'

export interface ApiRequest {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
  readonly body: string
}

export interface ApiAnswer {
  readonly status: number
  /** JSON; a string is plain text. */
  readonly body: object | string
  /** In the place of those that the body would have. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface RoutesDeps {
  readonly store: Store
  readonly access: Access
  /** What is installed right now. */
  readonly resources: () => readonly Resource[]
}
