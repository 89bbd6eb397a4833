import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createApprovalKeys, type DaemonHealth } from '@barfinex/core/daemon'
import { freePort } from '@barfinex/core/testing'
import { eventually } from './eventually.js'

/** The five, in the order in which a trade meets them. */
export const daemonNames = ['provider', 'detector', 'advisor', 'inspector', 'studio'] as const
export type DaemonName = (typeof daemonNames)[number]

export interface FleetOptions {
  readonly redisUrl: string | ((name: DaemonName) => string)
  /** Keys, configurations and journals go here. */
  readonly directory: string
  readonly namespace?: string
  readonly account?: string
  /** The exchange as Provider's configuration has it: `{ paper: { seed: 7 } }`. */
  readonly exchange: object
  /** More options by daemon, put over those that every fleet has. `daemon` is merged. */
  readonly options?: Partial<Readonly<Record<DaemonName, Readonly<Record<string, unknown>>>>>
  /** A module that each daemon loads before its own program. */
  readonly preload?: string
  /** Variables by daemon: passwords, keys. */
  readonly environment?: Partial<Readonly<Record<DaemonName, Readonly<Record<string, string>>>>>
}

/** One daemon as a child process. */
export interface FleetDaemon {
  readonly name: DaemonName
  readonly configFile: string
  readonly journalDirectory: string
  readonly probeUrl: string
  readonly isRunning: boolean
  /** What it has written on standard error since its last start. */
  output(): string
  start(): void
  /** What its probe says; `null` while nobody answers. */
  health(): Promise<DaemonHealth | null>
  /** Resolves when it says that it would do its part in a trade. */
  ready(withinMs?: number): Promise<DaemonHealth>
  /** Resolves with its exit code when it has ended by itself; `null` after a signal. */
  ended(withinMs?: number): Promise<number | null>
  /** SIGTERM; resolves with its exit code. */
  stop(withinMs?: number): Promise<number | null>
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>
  /** SIGKILL, for who cannot wait. */
  killNow(): void
  /** SIGSTOP, and SIGCONT. */
  pause(): void
  resume(): void
}

export type Fleet = Readonly<Record<DaemonName, FleetDaemon>> & {
  readonly all: readonly FleetDaemon[]
  /** Address of Provider's gateway. */
  readonly gatewayUrl: string
  /** Ends what is still running, at once. */
  close(): Promise<void>
}

const root = resolve(import.meta.dirname, '..')
const sourceOf = (name: DaemonName) =>
  join(root, 'packages', name === 'studio' ? 'studio-client' : name, 'src', 'bin.ts')

/** Describes five daemons on one Redis: keys, configurations, free ports. Nothing runs until it is started. */
export async function createFleet(options: FleetOptions): Promise<Fleet> {
  const { directory, redisUrl, account = 'paper', namespace = 'fleet' } = options
  mkdirSync(join(directory, 'terminal'), { recursive: true })
  const { privateKeyPem, publicKeyPem } = createApprovalKeys()
  const privateKeyFile = join(directory, 'approval.key')
  writeFileSync(privateKeyFile, privateKeyPem, { mode: 0o600 })
  writeFileSync(join(directory, 'approval.pub'), publicKeyPem)
  writeFileSync(join(directory, 'terminal', 'index.html'), '<!doctype html><title>terminal</title>')
  const gatewayPort = await freePort()
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`

  const own: Readonly<Record<DaemonName, Readonly<Record<string, unknown>>>> = {
    provider: {
      exchange: options.exchange,
      gateway: { port: gatewayPort, tokenFile: join(directory, 'tokens.json') },
    },
    detector: { strategies: ['ema-pullback'] },
    advisor: { model: { engine: 'typescript' } },
    inspector: { policies: [{ maxPositionNotional: '5000' }, { staleMarketData: 60_000 }, 'duplicateIntent'] },
    studio: { provider: gatewayUrl, terminalDirectory: join(directory, 'terminal') },
  }
  const approvals: Partial<Readonly<Record<DaemonName, object>>> = {
    provider: { publicKeys: [join(directory, 'approval.pub')] },
    inspector: { privateKeyFile },
  }

  const daemons: FleetDaemon[] = []
  for (const name of daemonNames) {
    const journalDirectory = join(directory, `journal-${name}`)
    const port = await freePort()
    const { daemon, ...rest } = options.options?.[name] ?? {}
    const config = {
      daemon: {
        redis: { url: typeof redisUrl === 'string' ? redisUrl : redisUrl(name), namespace },
        account,
        journal: { directory: journalDirectory },
        probe: { port },
        heartbeatMs: 500,
        approvals: approvals[name] ?? {},
        ...(daemon as object | undefined),
      },
      ...own[name],
      ...rest,
    }
    const configFile = join(directory, `${name}.config.json`)
    writeFileSync(configFile, JSON.stringify(config, null, 2))
    const environment = options.environment?.[name] ?? {}
    const program = [...(options.preload === undefined ? [] : ['--import', options.preload]), sourceOf(name)]
    daemons.push(childDaemon(name, program, configFile, journalDirectory, `http://127.0.0.1:${port}`, environment))
  }
  const killAll = () => {
    for (const it of daemons) it.killNow()
  }
  process.once('exit', killAll)
  const byName = Object.fromEntries(daemons.map((it) => [it.name, it])) as Record<DaemonName, FleetDaemon>
  return {
    ...byName,
    all: daemons,
    gatewayUrl,
    async close() {
      process.off('exit', killAll)
      await Promise.all(daemons.map((it) => it.kill()))
    },
  }
}

function childDaemon(
  name: DaemonName,
  program: readonly string[],
  configFile: string,
  journalDirectory: string,
  probeUrl: string,
  environment: Readonly<Record<string, string>>,
): FleetDaemon {
  let child: ChildProcess | null = null
  let said = ''
  const isOver = (it: ChildProcess | null) => it === null || it.exitCode !== null || it.signalCode !== null
  function killNow(): void {
    child?.kill('SIGKILL')
    child?.kill('SIGCONT')
  }

  async function health(): Promise<DaemonHealth | null> {
    try {
      const response = await fetch(`${probeUrl}/health`)
      return (await response.json()) as DaemonHealth
    } catch {
      return null
    }
  }

  async function ended(withinMs = 90_000): Promise<number | null> {
    await eventually(
      `${name} ends`,
      () => isOver(child),
      withinMs,
      () => said,
    )
    return child?.exitCode ?? null
  }

  return {
    name,
    configFile,
    journalDirectory,
    probeUrl,
    health,
    ended,
    get isRunning() {
      return !isOver(child)
    },
    output: () => said,
    start() {
      if (!isOver(child)) throw new Error(`${name} is running already.`)
      said = ''
      child = spawn(process.execPath, ['--import', 'tsx', ...program, '--config', configFile, '--json'], {
        cwd: root,
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const hear = (chunk: Buffer) => {
        said = `${said}${chunk.toString()}`.slice(-65_536)
      }
      child.stdout?.on('data', hear)
      child.stderr?.on('data', hear)
    },
    async ready(withinMs = 90_000) {
      let last: DaemonHealth | null = null
      const isReady = async () => {
        if (isOver(child)) throw new Error(`${name} has ended (${child?.exitCode ?? child?.signalCode}):\n${said}`)
        last = await health()
        return last?.ready === true
      }
      await eventually(`${name} is ready`, isReady, withinMs, () => `${JSON.stringify(last)}\n${said}`)
      return last as unknown as DaemonHealth
    },
    async stop(withinMs) {
      child?.kill('SIGTERM')
      return ended(withinMs)
    },
    async kill() {
      if (isOver(child)) return
      killNow()
      await ended()
    },
    killNow,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  }
}
