import type { Fact } from '../knowledge/progress.ts'
import type { Asked, Failure, Found, Ports, Seen } from '../ports.ts'
import type { Ask } from '../questions/ask.ts'

type Timed = 'askedAtMs' | 'answeredAtMs'
type Untimed<F> = F extends Fact ? Omit<F, Timed> : never

/** Puts a question to the port that it is for. Never rejects. */
export async function answerTo(
  ask: Ask,
  ports: Ports,
  signal: AbortSignal,
): Promise<Untimed<Fact> & Asked> {
  const { balancer, connections, pod, search } = ports
  switch (ask.kind) {
    case 'look': {
      const { group } = ask
      const answer: (Seen | Failure) & Asked = await balancer.look(group, signal).catch(malformed)
      return { ...whenAsked(answer), kind: 'looked', group, answer }
    }
    case 'describe': {
      const nothing = (bug: unknown) => ({ facts: {}, missing: [malformed(bug)] })
      const answer = await balancer.describe(ask.group, ask.wanted, signal).catch(nothing)
      return { kind: 'described', group: ask.group, answer: { ...answer, kind: 'described' } }
    }
    case 'count':
      return { kind: 'counted', answer: await connections.count(ask.ports).catch(malformed) }
    case 'search':
      return { kind: 'searched', answer: await search.find(signal).catch(nothingFound) }
    case 'pod':
      return { kind: 'pod', answer: await pod.look(signal).catch(malformed) }
  }
}

/** Of a port that answers with nothing the decision has to hear as well. */
function whenAsked(answer: Asked | undefined): Asked {
  return answer?.askedAtMs === undefined ? {} : { askedAtMs: answer.askedAtMs }
}

function nothingFound(bug: unknown): Found {
  return { kind: 'found', groups: [], more: 0, missing: [malformed(bug)], narrowed: [] }
}

/** A port does not throw. If one does all the same, the hook must not be let go for it. */
export function malformed(bug: unknown): Failure {
  return { kind: 'malformed', said: `internal error: ${bug}` }
}
