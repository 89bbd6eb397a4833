import ts from 'typescript'
import { usesOf } from './modules.js'
import { type Fault, isProduct, lineOf, type Rule, type Tree, walk } from './tree.js'

type Power = 'clock' | 'chance' | 'environment' | 'console'

const RUNTIME = /^packages\/core\/src\/runtime\//
/** What a person starts: it reads arguments, prints, and shows progress by the machine's clock. */
const COMMAND_LINE = /^packages\/([^/]+\/src\/bin\.ts$|barfinex\/src\/cli\/)/

/** Where each power over the outside world may be used directly. Everything else gets it from the injected runtime. */
const LEGAL: Readonly<Record<Power, readonly RegExp[]>> = {
  clock: [RUNTIME, COMMAND_LINE],
  chance: [RUNTIME],
  environment: [RUNTIME, COMMAND_LINE],
  console: [RUNTIME, COMMAND_LINE],
}

const GLOBALS: Readonly<Record<string, Power>> = {
  setTimeout: 'clock',
  setInterval: 'clock',
  setImmediate: 'clock',
  queueMicrotask: 'clock',
  performance: 'clock',
  console: 'console',
}

const MEMBERS: Readonly<Record<string, Power>> = {
  'Date.now': 'clock',
  'process.hrtime': 'clock',
  'process.nextTick': 'clock',
  'AbortSignal.timeout': 'clock',
  'Math.random': 'chance',
  'crypto.randomUUID': 'chance',
  'crypto.randomBytes': 'chance',
  'crypto.randomInt': 'chance',
  'crypto.getRandomValues': 'chance',
  'process.env': 'environment',
  'process.argv': 'environment',
  'process.exit': 'environment',
  'process.stdout': 'console',
  'process.stderr': 'console',
}

const IMPORTS: Readonly<Record<string, Readonly<Record<string, Power>>>> = {
  'node:timers': { '*': 'clock' },
  'node:timers/promises': { '*': 'clock' },
  'node:perf_hooks': { '*': 'clock' },
  'node:process': { '*': 'environment' },
  'node:console': { '*': 'console' },
  'node:crypto': {
    randomUUID: 'chance',
    randomBytes: 'chance',
    randomInt: 'chance',
    randomFill: 'chance',
    randomFillSync: 'chance',
    webcrypto: 'chance',
  },
  rxjs: { asyncScheduler: 'clock', asapScheduler: 'clock', animationFrameScheduler: 'clock' },
}

/** RxJS operators that read the system clock unless a scheduler is handed to them. */
const TIMED_OPERATORS = new Set(
  'timer interval delay debounceTime throttleTime auditTime sampleTime bufferTime windowTime timeout timestamp timeInterval'.split(
    ' ',
  ),
)

/** A name used as a value: not a property, not a declaration, not a type. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent) || ts.isTypeQueryNode(parent)) return false
  if (ts.isBindingElement(parent)) return parent.initializer === node
  const isName = 'name' in parent && parent.name === node
  return !isName && !ts.isTypeNode(parent)
}

function isWallDate(node: ts.Node): boolean {
  if (ts.isNewExpression(node)) return node.expression.getText() === 'Date' && (node.arguments ?? []).length === 0
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'Date'
}

function powerOf(node: ts.Node, timed: ReadonlySet<string>): readonly [what: string, power: Power] | undefined {
  if (isWallDate(node)) return ['Date without a time', 'clock']
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText().replace(/^(globalThis|window|self)\./, '')
    const power = MEMBERS[text] ?? (text === node.getText() ? undefined : GLOBALS[text])
    return power && [text, power]
  }
  if (ts.isIdentifier(node) && isValue(node)) {
    const power = GLOBALS[node.text]
    return power && [node.text, power]
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && timed.has(node.expression.text)) {
    const scheduled = node.arguments.some((argument) => /scheduler/i.test(argument.getText()))
    return scheduled ? undefined : [`${node.expression.text} without a scheduler`, 'clock']
  }
  return undefined
}

function powersIn(tree: Tree, path: string): readonly { what: string; power: Power; line: number }[] {
  const found: { what: string; power: Power; line: number }[] = []
  const timed = new Set<string>()
  for (const { specifier, names, line } of usesOf(tree, path)) {
    const powers = IMPORTS[specifier] ?? {}
    for (const name of names) {
      const power = powers[name] ?? powers['*']
      if (power !== undefined) found.push({ what: `${name} of ${specifier}`, power, line })
      if (specifier === 'rxjs' && TIMED_OPERATORS.has(name)) timed.add(name)
    }
  }
  walk(tree.ast(path), (node) => {
    const hit = powerOf(node, timed)
    if (hit !== undefined) found.push({ what: hit[0], power: hit[1], line: lineOf(node) })
  })
  return found
}

/** Time, chance, environment and console come from the injected runtime, so that a replay gives the same bytes. */
export const runtime: Rule = {
  name: 'runtime',
  check: (tree) =>
    tree.paths.filter(isProduct).flatMap((path): Fault[] =>
      powersIn(tree, path)
        .filter(({ power }) => !LEGAL[power].some((place) => place.test(path)))
        .map(({ what, power, line }) => ({ path, line, message: `${what}: ${power} belongs to the runtime` })),
    ),
}
