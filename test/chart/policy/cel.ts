import {
  type CelInput,
  CelScalar,
  type CelValue,
  celEnv,
  celMethod,
  isCelError,
  isCelList,
  isCelMap,
  listType,
  parse,
  plan,
} from '@bufbuild/cel'

type Expr = ReturnType<typeof parse>['expr']

/**
 * Evaluates an expression of an admission policy for an object. `variables` are the policy's, as
 * expressions: each stands where it is named, and so is evaluated only there, as the API server does.
 * Throws when the expression cannot be parsed or evaluated.
 *
 * Initializers of Kubernetes' types (`Object.spec{}`, `JSONPatch{}`) are evaluated as maps; whether
 * they are well-formed is for faultsOfTypes() and the schemas to say.
 */
export function evaluate(
  expression: string,
  object: unknown,
  variables: ReadonlyMap<string, string>,
): unknown {
  const { expr } = parse(expression)
  eachExpr(expr, (each) => {
    inlineVariable(each, variables)
    structAsMap(each)
  })
  const env = celEnv({ funcs: [indexOf], variables: { object: CelScalar.DYN } })
  const value = plan(env, expr)({ object: toCel(object) })
  if (isCelError(value)) throw new Error(`${value.message} in ${expression}`)
  return toJson(value)
}

/**
 * What the API server would refuse about literals before it evaluates them: an initializer whose type
 * is not that of the field it is given to (ObjectVal.CheckTypeNamesMatchFieldPathNames), a JSONPatch
 * field that there is not, and lists and maps of mixed constants (cel.HomogeneousAggregateLiterals).
 */
export function faultsOfTypes(expression: string): string[] {
  const faults: string[] = []
  eachExpr(parse(expression).expr, ({ exprKind }) => {
    if (exprKind.case === 'listExpr' && mixed(exprKind.value.elements)) {
      faults.push('a list of mixed constants')
    }
    if (exprKind.case !== 'structExpr') return
    const { messageName, entries } = exprKind.value
    if (messageName === '' && mixed(entries.map(({ value }) => value))) {
      faults.push('a map of mixed constants')
    }
    for (const { keyKind, value } of entries) {
      if (keyKind.case !== 'fieldKey') continue
      faults.push(...faultsOfField(messageName, keyKind.value, value))
    }
  })
  return faults
}

function faultsOfField(type: string, field: string, value: Expr | undefined): string[] {
  if (type === 'JSONPatch') {
    return ['op', 'path', 'from', 'value'].includes(field) ? [] : [`JSONPatch has no ${field}`]
  }
  if (!/^Object(\.|$)/.test(type)) return [`there is no type ${type}`]
  const given = value?.exprKind.case === 'listExpr' ? value.exprKind.value.elements : [value]
  return given.flatMap((each) => {
    if (each?.exprKind.case !== 'structExpr') return []
    const { messageName } = each.exprKind.value
    const right = messageName === '' || messageName === `${type}.${field}`
    return right ? [] : [`${type}.${field} is given a ${messageName}`]
  })
}

function mixed(values: readonly (Expr | undefined)[]): boolean {
  const kinds = values.flatMap((value) =>
    value?.exprKind.case === 'constExpr' ? [value.exprKind.value.constantKind.case] : [],
  )
  return new Set(kinds).size > 1
}

/** Of Kubernetes' list library: https://kubernetes.io/docs/reference/using-api/cel/ */
const indexOf = celMethod(
  'indexOf',
  listType(CelScalar.DYN),
  [CelScalar.DYN],
  CelScalar.INT,
  function (wanted) {
    return BigInt([...this].indexOf(wanted))
  },
)

function inlineVariable(expr: Expr, variables: ReadonlyMap<string, string>) {
  if (expr.exprKind.case !== 'selectExpr') return
  const { operand, field } = expr.exprKind.value
  if (operand?.exprKind.case !== 'identExpr') return
  if (operand.exprKind.value.name !== 'variables') return
  const variable = variables.get(field)
  if (variable === undefined) throw new Error(`there is no variable ${field}`)
  expr.exprKind = parse(variable).expr.exprKind
  inlineVariable(expr, variables)
}

function structAsMap({ exprKind }: Expr) {
  if (exprKind.case !== 'structExpr') return
  exprKind.value.messageName = ''
  for (const entry of exprKind.value.entries) {
    if (entry.keyKind.case !== 'fieldKey') continue
    entry.keyKind = { case: 'mapKey', value: parse(JSON.stringify(entry.keyKind.value)).expr }
  }
}

/** Calls `visit` with every expression within one, from the outside in: it may change what is within. */
function eachExpr(node: unknown, visit: (expr: Expr) => void): void {
  if (node === null || typeof node !== 'object') return
  if ('$typeName' in node && node.$typeName === 'cel.expr.Expr') visit(node as Expr)
  for (const child of Object.values(node)) eachExpr(child, visit)
}

/** JSON for CEL. Whole numbers are its int, as they are in Kubernetes' objects. */
function toCel(value: unknown): CelInput {
  if (typeof value === 'number') return BigInt(value)
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.map(toCel)
  if (typeof value !== 'object') throw new Error(`${typeof value} is not JSON`)
  return new Map(Object.entries(value).map(([key, each]) => [key, toCel(each)]))
}

function toJson(value: CelValue): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (isCelList(value)) return [...value].map(toJson)
  if (isCelMap(value)) {
    return Object.fromEntries([...value].map(([key, each]) => [String(key), toJson(each)]))
  }
  return value
}
