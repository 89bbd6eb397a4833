import { describe, expect, it } from 'vitest'
import { errors } from './tidy/errors.js'
import { escapes } from './tidy/escapes.js'
import { flow } from './tidy/flow.js'
import { layers } from './tidy/layers.js'
import { links } from './tidy/links.js'
import { manifests } from './tidy/manifests.js'
import { marks } from './tidy/marks.js'
import { reach } from './tidy/reach.js'
import { runtime } from './tidy/runtime.js'
import { shape } from './tidy/shape.js'
import { state } from './tidy/state.js'
import { type Rule, treeOf } from './tidy/tree.js'
import { used } from './tidy/used.js'
import { workflow } from './tidy/workflow.js'

type Files = Readonly<Record<string, string>>

/** What a rule says about some files: `path:line message`. */
function judge(rule: Rule, files: Files): string[] {
  return rule.check(treeOf(files)).map(({ path, line, message }) => `${path}:${line} ${message}`)
}

const source = (text: string): Files => ({ 'packages/detector/src/rule.ts': text })

describe('layers', () => {
  it('lets a service import core and its own files', () => {
    const files = {
      'packages/detector/src/index.ts':
        "import { flow } from '@barfinex/core'\nexport * from './rule.js'\nimport 'rxjs'\nimport 'node:fs'",
      'packages/detector/src/rule.ts': "export type { Bus } from '@barfinex/core/testing'",
      'packages/barfinex/src/index.ts': "export * as detector from '@barfinex/detector'",
    }
    expect(judge(layers, files)).toEqual([])
  })

  it.each([
    ["import { x } from '@barfinex/provider'", 'detector may not import @barfinex/provider'],
    ["const x = import('@barfinex/advisor/testing')", 'detector may not import @barfinex/advisor'],
    ["export * from 'barfinex'", 'detector may not import barfinex'],
    ["import { x } from '../../core/src/index.js'", 'leaves the package'],
    ["import { x } from './missing.js'", 'is no file of this repository'],
  ])('refuses %s', (text, fault) => {
    expect(judge(layers, { ...source(text), 'packages/core/src/index.ts': '' }).join()).toContain(fault)
  })
})

describe('runtime', () => {
  it.each([
    ['const at = Date.now()', 'clock'],
    ['const now = Date.now', 'clock'],
    ['const at = new Date()', 'clock'],
    ['const at = Date()', 'clock'],
    ['setTimeout(run, 5)', 'clock'],
    ['globalThis.setInterval(run, 5)', 'clock'],
    ['queueMicrotask(run)', 'clock'],
    ['const at = performance.now()', 'clock'],
    ["import { setTimeout as sleep } from 'node:timers/promises'", 'clock'],
    ["import { interval } from 'rxjs'\ninterval(5)", 'clock'],
    ['const x = Math.random()', 'chance'],
    ["import { randomUUID } from 'node:crypto'", 'chance'],
    ['const key = process.env.KEY', 'environment'],
    ["import { env } from 'node:process'", 'environment'],
    ['process.exit(1)', 'environment'],
    ["console.log('x')", 'console'],
    ['const { log } = console', 'console'],
  ])('finds %s', (text, power) => {
    expect(judge(runtime, source(text)).join()).toContain(`${power} belongs to the runtime`)
  })

  it.each([
    'const at = new Date(0).toISOString()',
    'clock.setTimeout(run)',
    'interface Clock { setTimeout(run: () => void): void }',
    "import { interval } from 'rxjs'\ninterval(5, clockScheduler(clock))",
    'type Timer = ReturnType<typeof setTimeout>',
    "import { createHash } from 'node:crypto'",
    'const log = { console: 1 }',
  ])('leaves %s alone', (text) => {
    expect(judge(runtime, source(text))).toEqual([])
  })

  it('knows the legal files', () => {
    const files = {
      'packages/core/src/runtime/system-clock.ts': 'Date.now()',
      'packages/barfinex/src/cli/print.ts': "console.log('x')",
      'packages/provider/src/bin.ts': 'process.exit(1)',
      'packages/provider/src/order.test.ts': 'Date.now()',
    }
    expect(judge(runtime, files)).toEqual([])
    expect(judge(runtime, { 'packages/barfinex/src/cli/print.ts': 'Math.random()' })).toHaveLength(1)
  })
})

describe('state', () => {
  it.each([
    'let count = 0',
    'export let count = 0',
    'const cache = new Map()\nfunction f() { cache.set(1, 2) }',
    'const seen: string[] = []\nfunction f() { seen.push(x) }',
    'const counts = { a: 0 }\nfunction f() { counts.a = 1 }',
    'const ring = new Float64Array(8)\nfunction f() { ring[0] = 1 }',
  ])('finds %s', (text) => {
    expect(judge(state, source(text))).toHaveLength(1)
  })

  it.each([
    "const names = new Set(['a'])",
    'export const nothing: ReadonlyMap<string, number> = new Map()',
    'const memo = new WeakMap()\nfunction f() { memo.set(x, 2) }',
    'function f() { let x = 0 }',
  ])('leaves %s alone', (text) => {
    expect(judge(state, source(text))).toEqual([])
  })
})

describe('reach and use', () => {
  const files: Files = {
    'packages/core/package.json': '{"exports":{".":{},"./testing":{}},"bin":{"core":"./dist/bin.js"}}',
    'packages/core/src/index.ts': "export * from './bus/bus.js'",
    'packages/core/src/testing/index.ts': "import type { X } from './given.js'",
    'packages/core/src/testing/given.ts': 'export type X = 1',
    'packages/core/src/bin.ts': "await import('./daemon.js')",
    'packages/core/src/daemon.ts': "new Worker(new URL('./worker.js', import.meta.url))",
    'packages/core/src/worker.ts': '',
    'packages/core/src/bus/bus.ts': 'export const bus = 1',
  }

  it('follows every kind of import from every door', () => {
    expect(judge(reach, files)).toEqual([])
    expect(judge(used, files)).toEqual([])
  })

  it('finds an orphan, and one that only its test uses', () => {
    const orphan = { 'packages/core/src/lost.ts': '', 'packages/core/src/lost.test.ts': "import './lost.js'" }
    expect(judge(reach, { ...files, ...orphan })).toEqual([
      'packages/core/src/lost.ts:0 no export and no bin reaches this file',
    ])
  })

  it('finds an export that only its test uses', () => {
    const planted = {
      'packages/core/src/daemon.ts': "import { a } from './part.js'",
      'packages/core/src/part.ts':
        'export const a = 1\nexport function b() {}\nexport const c = 1\nexport const d = c + 1',
      'packages/core/src/part.test.ts': "import { a, b, c } from './part.js'",
    }
    expect(judge(used, { ...files, ...planted })).toEqual([
      'packages/core/src/part.ts:2 b is exported and nothing takes it',
      'packages/core/src/part.ts:4 d is exported and nothing takes it',
    ])
  })

  it('reaches the terminal through its page', () => {
    const terminal: Files = {
      'packages/studio-client/terminal/index.html': '<script type="module" src="./main.tsx"></script>',
      'packages/studio-client/terminal/main.tsx': "import './chart.js'",
      'packages/studio-client/terminal/chart.tsx': '',
    }
    expect(judge(reach, terminal)).toEqual([])
    expect(judge(reach, { ...terminal, 'packages/studio-client/terminal/dead.tsx': '' })).toHaveLength(1)
  })
})

describe('flow', () => {
  const row = (name: string, writtenBy: string, readBy: string): string =>
    `${name}: defineChannel<X>({ name: '${name}', writtenBy: [${writtenBy}], readBy: [${readBy}] }),`
  const files: Files = {
    'packages/core/src/flow/map.ts': [
      'export const flow = {',
      row('candle', "'provider'", "'detector', 'studio'"),
      row('signal', "'detector'", "'studio'"),
      '} as const',
      'export const channels = Object.values(flow)',
    ].join('\n'),
    'packages/provider/src/market.ts': 'bus.publisher(flow.candle, name)',
    'packages/provider/src/gateway.ts': 'for (const channel of channels) bus.subscribe(channel, send)',
    'packages/detector/src/service.ts':
      'bus.subscribe(flow.candle, detect)\nconst signals = bus.publisher<X>(flow.signal)',
  }

  it('counts what core does for a service that asks it to', () => {
    const core = { 'packages/core/src/follow.ts': 'export function follow() { bus.subscribe(flow.candle, f) }' }
    const detector = (text: string): Files => ({
      'packages/detector/src/service.ts': `${text}\nbus.publisher(flow.signal)`,
    })
    expect(judge(flow, { ...files, ...core, ...detector("import { follow } from '@barfinex/core'") })).toEqual([])
    expect(judge(flow, { ...files, ...core, ...detector('') })).toHaveLength(1)
  })

  it('is content when map and sources agree', () => {
    expect(judge(flow, files)).toEqual([])
  })

  it.each([
    ['packages/detector/src/service.ts', 'bus.subscribe(flow.candle, f)', 'the map says detector writes it'],
    ['packages/detector/src/service.ts', 'bus.publisher(flow.signal)', 'the map says detector reads it'],
    ['packages/provider/src/gateway.ts', '', 'the map says studio reads it'],
    ['packages/advisor/src/a.ts', 'bus.publisher(flow.signal)', 'advisor may not write flow.signal'],
    ['packages/advisor/src/a.ts', 'observe(bus, flow.signal)', 'advisor may not read flow.signal'],
    ['packages/advisor/src/a.ts', 'observe(bus, flow.rumour)', 'flow.rumour is not in the map'],
    ['packages/core/src/flow/map.ts', '', 'has no channels'],
  ])('finds a fault in %s: %s', (path, text, fault) => {
    expect(judge(flow, { ...files, [path]: text }).join('\n')).toContain(fault)
  })
})

describe('errors', () => {
  const files: Files = {
    'packages/core/src/runtime/error.ts': "export const errorCodes = ['bus.closed'] as const",
    'packages/core/src/bus/bus.ts': "throw new BarfinexError('bus.closed', 'x')",
    'docs/errors.md': '| code | do |\n| --- | --- |\n| `bus.closed` | nothing |\n',
  }

  it('is content when declared, raised and documented', () => {
    expect(judge(errors, files)).toEqual([])
  })

  it.each([
    ['docs/errors.md', '', 'bus.closed has no row'],
    ['docs/errors.md', `${files['docs/errors.md']}| \`bus.gone\` | x |`, 'bus.gone is not an error code'],
    ['packages/core/src/bus/bus.ts', '', 'bus.closed is raised nowhere'],
    ['packages/core/src/runtime/error.ts', "const errorCodes = ['Bus_Closed']", 'is not dotted kebab'],
    ['packages/core/src/runtime/error.ts', '', 'declares no error codes'],
  ])('finds a fault in %s: %s', (path, text, fault) => {
    expect(judge(errors, { ...files, [path]: text }).join('\n')).toContain(fault)
  })
})

describe('marks', () => {
  // Spelled in pieces: this file has to pass the rule itself.
  it.each([
    ['README.md', `${'TO'}${'DO'}: say more`, 'unfinished'],
    ['packages/core/src/a.ts', `// ${'FIX'}ME later`, 'unfinished'],
    ['packages/core/src/a.ts', `throw new Error('not ${'implemented'}')`, 'unfinished'],
    ['docs/a.md', `see /${'home'}/jo/notes.md`, 'a path of one machine'],
    ['packages/core/src/a.ts', `const dir = '/${'tmp'}/x'`, 'a path of one machine'],
    ['.npmrc', `registry=https://${'registry'}.npmjs.org/`, 'the host of a package registry'],
  ])('finds in %s: %s', (path, text, fault) => {
    expect(judge(marks, { [path]: text })).toEqual([`${path}:1 ${fault}`])
  })

  it('leaves ordinary words and addresses alone', () => {
    expect(judge(marks, { 'docs/a.md': 'mastodon, ./work/a, https://barfinex.dev/work/a, 127.0.0.1' })).toEqual([])
  })
})

describe('shape', () => {
  it.each([
    ['packages/core/src/a.ts', 'x\n'.repeat(401), '401 lines'],
    ['packages/core/src/a/b/c/d.ts', '', 'more than 2 folders'],
    ['packages/core/src/string-utils.ts', '', 'the name says nothing'],
    ['packages/core/src/types.ts', '', 'the name says nothing'],
    ['packages/core/src/common/a.ts', '', 'the name says nothing'],
    ['packages/core/src/memoryBus.ts', '', 'the name is not kebab-case'],
  ])('finds %s', (path, text, fault) => {
    expect(judge(shape, { [path]: text }).join()).toContain(fault)
  })

  it('lets a test be long and a folder be two deep', () => {
    expect(
      judge(shape, { 'packages/core/src/a/b/1-market.ts': '', 'packages/core/src/a.test.ts': 'x\n'.repeat(900) }),
    ).toEqual([])
  })
})

describe('escapes', () => {
  it.each([
    `const x: ${'any'} = 1`,
    `f(x as ${'any'})`,
    `// @ts-${'ignore'}`,
    `// @ts-${'expect-error'}`,
    `// biome-${'ignore'} lint: x`,
  ])('finds %s', (text) => {
    expect(judge(escapes, source(text))).toHaveLength(1)
  })

  it('lets a type test expect an error, and prose say the word', () => {
    expect(judge(escapes, { 'packages/core/src/a.test-d.ts': `// @ts-${'expect-error'}` })).toEqual([])
    expect(judge(escapes, source("// any order of events\nconst text = 'any'"))).toEqual([])
  })
})

describe('manifests', () => {
  const manifest = (change: object = {}): string =>
    JSON.stringify({
      name: '@barfinex/core',
      version: '0.1.0',
      license: 'MIT',
      type: 'module',
      sideEffects: false,
      engines: { node: '>=20.19' },
      exports: { '.': {} },
      dependencies: { rxjs: '7.8.2' },
      ...change,
    })
  const files: Files = {
    'packages/core/package.json': manifest(),
    'packages/core/README.md': '',
    'packages/core/LICENSE': '',
    'packages/core/src/index.ts': "import 'rxjs'\nimport 'node:fs'",
  }

  it('is content with a true manifest', () => {
    expect(judge(manifests, files)).toEqual([])
  })

  it.each([
    [{ dependencies: {} }, 'imports rxjs, which is not declared'],
    [{ dependencies: { rxjs: '1', zod: '1' } }, 'zod is declared and never imported'],
    [{ devDependencies: { ws: '1' } }, 'ws is declared and never imported'],
    [{ exports: { '.': {}, './redis': {} } }, 'exports redis, which has no source'],
    [{ exports: { '.': {}, './redis': { require: {} } } }, 'typesVersions and exports disagree'],
    [{ license: 'ISC' }, 'license is not MIT'],
    [{ sideEffects: true }, 'is not a module free of side effects'],
    [{ engines: { node: '>=18' } }, 'engines.node is not >=20.19'],
  ])('finds %j', (change, fault) => {
    expect(judge(manifests, { ...files, 'packages/core/package.json': manifest(change) }).join()).toContain(fault)
  })

  it('finds a door that is not published, another version and a missing README', () => {
    expect(judge(manifests, { ...files, 'packages/core/src/testing/index.ts': '' }).join()).toContain(
      'does not publish',
    )
    const { 'packages/core/README.md': _, ...bare } = files
    expect(judge(manifests, bare).join()).toContain('has no README.md')
    const other = manifest({ version: '0.2.0', exports: {}, dependencies: {} })
    expect(judge(manifests, { ...files, 'packages/detector/package.json': other }).join()).toContain('another version')
  })
})

describe('links', () => {
  it('finds a link that leads nowhere, outside code', () => {
    const files = {
      'docs/a.md': '[b](b.md#x) [c](../packages) [d](gone.md) [e](https://a.b) [f](#f)\n```\n[g](g.md)\n```\n',
      'docs/b.md': '',
      'packages/core/README.md': '',
    }
    expect(judge(links, files)).toEqual(['docs/a.md:1 link to "gone.md" leads nowhere'])
  })
})

describe('workflow', () => {
  const path = '.github/workflows/ci.yml'

  it('wants exactly what runs here', () => {
    expect(judge(workflow, { [path]: '      - run: bash .ci/run\n', '.ci/run': '' })).toEqual([])
    expect(judge(workflow, { [path]: '      - run: npm test\n', '.ci/run': '' })).toHaveLength(1)
    expect(judge(workflow, { [path]: '      - run: bash .ci/run\n' })).toHaveLength(1)
  })
})
