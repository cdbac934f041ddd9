import { once } from 'node:events'
import type { Program } from './process.ts'

/** The program with an inspector on a free port of the loopback address. */
export function inspected({ args, ...program }: Program): Program {
  return { ...program, args: ['--inspect=127.0.0.1:0', ...args] }
}

const answersWithinMs = 30_000

/**
 * Collects all garbage of a process, and says how many bytes of its heap are in use then: what it
 * really keeps. Its resident memory alone says little, for Node.js collects when the heap is full.
 *
 * @param inspector The process's, as it prints it: `ws://127.0.0.1:...`.
 * @throws When the process does not answer.
 */
export async function liveHeap(inspector: string): Promise<number> {
  const signal = AbortSignal.timeout(answersWithinMs)
  const socket = new WebSocket(inspector)
  let asked = 0
  async function ask(method: string): Promise<{ usedSize?: number }> {
    asked += 1
    socket.send(JSON.stringify({ id: asked, method }))
    for (;;) {
      const [{ data }] = (await once(socket, 'message', { signal })) as [{ data: string }]
      const { id, result } = JSON.parse(data)
      if (id === asked) return result
    }
  }
  try {
    await once(socket, 'open', { signal })
    await ask('HeapProfiler.collectGarbage')
    const { usedSize = Number.NaN } = await ask('Runtime.getHeapUsage')
    return usedSize
  } finally {
    socket.close()
  }
}
