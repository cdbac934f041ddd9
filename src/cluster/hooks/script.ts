/** A command of a shell's script, without its redirections. What the shell fills in is left as it is. */
export interface Step {
  readonly words: readonly string[]
  /** `on-success`: when what is before it in a list of `&&` has succeeded. */
  readonly runs: 'always' | 'on-success' | 'perhaps'
}

/**
 * Takes a script apart into its commands (POSIX, Shell Command Language). Undefined for what is not read:
 * `case`, a here-document, a quotation without an end.
 */
export function readScript(script: string): readonly Step[] | undefined {
  let steps: Step[] = []
  let words: string[] = []
  let before = '\n'
  // Where the list of `&&` and `||` begins, and in how many conditions, loops and groups we are.
  let [listFrom, depth] = [0, 0]
  let isRedirected = false
  function end(operator: string): void {
    if (words.length > 0) steps.push({ words, runs: depth > 0 ? 'perhaps' : after(before) })
    words = []
    before = operator
    // Nobody waits for what is in the background: all of the list is.
    if (operator === '&') {
      steps = steps.map((step, nth) => (nth < listFrom ? step : { ...step, runs: 'perhaps' }))
    }
    if (/^[;&\n]$/.test(operator)) listFrom = steps.length
  }
  for (const { kind, text } of tokensOf(script)) {
    if (kind === 'unread') return undefined
    if (kind === 'redirection') isRedirected = true
    else if (kind === 'operator') {
      end(text)
      if (text === '(') depth += 1
      if (text === ')') depth -= 1
    } else if (isRedirected) isRedirected = false
    else if (words.length > 0) words.push(unquoted(text))
    else if (text === 'case') return undefined
    else if (openers.includes(text)) depth += 1
    else if (closers.includes(text)) depth -= 1
    else if (!keywords.includes(text)) words.push(unquoted(text))
  }
  end('\n')
  return steps
}

const openers = ['if', 'for', 'while', 'until', '{']
const closers = ['fi', 'done', '}']
const keywords = ['then', 'elif', 'else', 'do', '!']

function after(operator: string): Step['runs'] {
  if (operator === '&&') return 'on-success'
  return operator === '||' ? 'perhaps' : 'always'
}

interface Token {
  readonly kind: 'word' | 'redirection' | 'operator' | 'unread'
  readonly text: string
}

const anyOf = (...parts: readonly RegExp[]) => parts.map(({ source }) => source).join('|')

const quoted = /'[^']*'|"(?:[^"\\]|\\.)*"|\\./
/** What the shell puts something else in the place of. */
const filledIn = /\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`|\$\{[^}]*\}|\$(?!\()/
const piece = anyOf(quoted, filledIn, /[^\s'"\\`$;&|<>()]/)
const tokens = new RegExp(
  anyOf(
    /(?<space>(?:[ \t\r]|\\\n)+|#[^\n]*)/,
    /(?<redirection>(?:\d*(?:>>|[<>]&|>\||[<>])|&>>?)(?!<))/,
    /(?<operator>&&|\|\||[;&|()\n])/,
    new RegExp(`(?<word>(?:${piece})+)`),
  ),
  'sy',
)

function* tokensOf(script: string): Generator<Token> {
  for (let at = 0; at < script.length; at = tokens.lastIndex) {
    tokens.lastIndex = at
    const { space, redirection, operator, word } = tokens.exec(script)?.groups ?? {}
    if (word) yield { kind: 'word', text: word }
    else if (operator) yield { kind: 'operator', text: operator }
    else if (redirection) yield { kind: 'redirection', text: redirection }
    else if (!space) return yield { kind: 'unread', text: script.slice(at) }
  }
}

function unquoted(word: string): string {
  return word.replace(new RegExp(piece, 'gs'), (one) => {
    if (one.startsWith("'")) return one.slice(1, -1)
    if (one.startsWith('"')) return one.slice(1, -1).replace(/\\([$`"\\])/g, '$1')
    return one.startsWith('\\') ? one.slice(1) : one
  })
}
