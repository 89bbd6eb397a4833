import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { environmentOf } from '../runtime/environment.js'
import { BarfinexError } from '../runtime/error.js'
import { freePort } from './free-port.js'

export interface RedisServerOptions {
  /**
   * What survives a killed server: `always` every write it has answered, `everysec` all but the last second on a power cut, `off`
   * nothing. `always` when absent.
   */
  readonly appendOnly?: 'always' | 'everysec' | 'off'
  /** More settings of the server, as on its command line: `['--maxmemory', '64mb']`. */
  readonly settings?: readonly string[]
}

/** A private Redis server: a real process on a loopback port, with a folder of its own. */
export interface RedisServer {
  /** `redis://127.0.0.1:PORT`; the same through every restart. */
  readonly url: string
  readonly port: number
  readonly directory: string
  readonly isRunning: boolean
  /** Starts it again after {@link stop} or {@link kill}; resolves when it has read its data and takes connections. */
  start(): Promise<void>
  /** Ends it in good order: it writes what it has. */
  stop(): Promise<void>
  /** Ends it as a crash does: SIGKILL. */
  kill(): Promise<void>
  /** Freezes it (SIGSTOP): connections stay open and nothing is answered. */
  pause(): void
  resume(): void
  /** Throws its data away; it must not be running. */
  wipe(): void
  /** Ends it and removes its folder; harmless twice. */
  close(): Promise<void>
}

const triesOfPort = 5

/**
 * Starts a Redis server for tests. The program is `BARFINEX_REDIS_SERVER`, or `redis-server` on the PATH. It ends with this process.
 *
 * @example
 * const redis = await startRedisServer()
 * afterAll(() => redis.close())
 */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), 'barfinex-redis-'))
  try {
    for (let tries = 1; ; tries += 1) {
      const port = await freePort()
      try {
        return runningServer(port, directory, options, await launch(port, directory, options))
      } catch (error) {
        if (tries === triesOfPort) throw error
      }
    }
  } catch (error) {
    rmSync(directory, { recursive: true, force: true })
    throw error
  }
}

function runningServer(port: number, directory: string, options: RedisServerOptions, first: ChildProcess): RedisServer {
  let child: ChildProcess | null = first
  const killNow = () => void child?.kill('SIGKILL')
  process.once('exit', killNow)

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = child
    child = null
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return
    const ended = new Promise<void>((resolve) => ending.once('exit', () => resolve()))
    ending.kill(signal)
    // A frozen process gets its signal when it goes on.
    ending.kill('SIGCONT')
    await ended
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    directory,
    get isRunning() {
      return child !== null && child.exitCode === null && child.signalCode === null
    },
    async start() {
      child ??= await launch(port, directory, options)
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    wipe() {
      if (child !== null)
        throw new BarfinexError('options.invalid', 'The Redis server is running. Stop it before wiping.')
      for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true, force: true })
    },
    async close() {
      process.removeListener('exit', killNow)
      await end('SIGKILL')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Resolves when the server says that it takes connections; rejects with what it said when it ends instead. */
function launch(port: number, directory: string, options: RedisServerOptions): Promise<ChildProcess> {
  const { appendOnly = 'always', settings = [] } = options
  const program = environmentOf('BARFINEX_REDIS_SERVER') || 'redis-server'
  const durability =
    appendOnly === 'off' ? ['--appendonly', 'no'] : ['--appendonly', 'yes', '--appendfsync', appendOnly]
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', '']
  const child = spawn(program, [...place, ...durability, '--daemonize', 'no', ...settings], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new Promise((resolve, reject) => {
    let said = ''
    const listen = (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-4_096)
      if (!said.includes('Ready to accept connections')) return
      // What it says from here on is read and forgotten, so that its pipe never fills.
      child.stdout.removeListener('data', listen)
      child.stdout.resume()
      child.removeListener('exit', fail)
      resolve(child)
    }
    const fail = () => reject(new BarfinexError('options.invalid', `The Redis server did not start: ${said.trim()}`))
    child.stdout.on('data', listen)
    child.stderr.resume()
    child.once('exit', fail)
    child.once('error', (cause) => {
      const hint = 'Install redis-server (Debian: apt-get install redis-server) or set BARFINEX_REDIS_SERVER.'
      reject(new BarfinexError('options.invalid', `${program} cannot be started. ${hint}`, { cause }))
    })
  })
}
