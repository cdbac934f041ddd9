import { type Access, createAccess } from './access.ts'
import { builtIn, controllerBindings, type Resource } from './resources.ts'
import { createRoutes } from './routes.ts'
import { type ApiServer, startApiServer } from './server.ts'
import { createStore, type Store } from './store.ts'

/** An API server with what is behind it. */
export interface ControlPlane {
  readonly store: Store
  readonly access: Access
  /** The resources that are installed: a CRD may come and go. */
  readonly resources: Set<Resource>
  readonly server: ApiServer
}

/**
 * An empty cluster, in which nobody may do anything yet. Of CRDs it has the load balancer controller's.
 *
 * @param wallMs The time of day at the API server, in milliseconds since 1970.
 */
export async function startControlPlane(wallMs: () => number): Promise<ControlPlane> {
  const store = createStore({ wallMs })
  const access = createAccess(wallMs)
  const resources = new Set<Resource>([...builtIn, controllerBindings])
  const answer = createRoutes({ store, access, resources: () => [...resources] })
  const server = await startApiServer({ answer, wallMs })
  return { store, access, resources, server }
}
