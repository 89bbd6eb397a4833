import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Random } from '@barfinex/core'
import type { VenueTruth } from '@barfinex/provider/venue'
import { eventually } from '../eventually.js'

/** What it says of itself when it is there. */
interface Announced {
  readonly url: string
  readonly control: { readonly url: string; readonly token: string }
  readonly apiKey: string
  readonly secret: string
}

/** `barfinex venue` as a child process. */
export interface VenueProcess extends Announced {
  /** A folder that goes with it. */
  readonly directory: string
  /** Everything that happened there, as it alone knows it. */
  truth(): Promise<VenueTruth>
  /** Throws the price about, so that stops and targets are met; returns how to end it. */
  shake(random: Random): () => void
  stop(): Promise<void>
}

/** Longer than a position is open on average, so that some are left by their target or stop and some stay. */
const shakeEveryMs = 3_000

const root = resolve(import.meta.dirname, '../..')

/** Starts the test venue as a program of its own, with a market of this seed. */
export function startVenueProcess(seed: number): Promise<VenueProcess> {
  const program = join(root, 'packages/barfinex/src/bin.ts')
  return startVenueProgram([program, 'venue', '--json', '--seed', `${seed}`, '--symbols', 'BTC/USDT'])
}

/** Starts a program that opens a venue and says so as `barfinex venue --json` does. */
export async function startVenueProgram(command: readonly string[]): Promise<VenueProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', ...command], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const killNow = () => void child.kill('SIGKILL')
  process.once('exit', killNow)
  let said = ''
  let complaint = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString()
  })
  await eventually(
    'the venue says where it is',
    () => said.includes('\n') || hasEnded(child),
    30_000,
    () => complaint,
  )
  const venue = JSON.parse(said.split('\n')[0] ?? '') as Announced
  async function control(path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${venue.control.url}${path}`, {
      headers: { authorization: `Bearer ${venue.control.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`The venue's control says ${response.status}: ${await response.text()}`)
    return ((await response.json()) as { result: unknown }).result
  }

  async function movePrice(share: number): Promise<void> {
    const ticker = await fetch(`${venue.url}/api/v3/ticker/price?symbol=BTCUSDT`)
    const { price } = (await ticker.json()) as { price: string }
    await control('/price', { symbol: 'BTCUSDT', price: (Number(price) * share).toFixed(2) })
  }

  const directory = mkdtempSync(join(tmpdir(), 'barfinex-venue-'))
  return {
    ...venue,
    directory,
    truth: async () => (await control('/truth')) as VenueTruth,
    shake(random) {
      const timer = setInterval(() => {
        // The venue may be ending.
        void movePrice(0.992 + random.next() * 0.016).catch(() => {})
      }, shakeEveryMs)
      return () => clearInterval(timer)
    },
    async stop() {
      process.off('exit', killNow)
      rmSync(directory, { recursive: true, force: true })
      child.kill('SIGTERM')
      await eventually(
        'the venue ends',
        () => hasEnded(child),
        10_000,
        () => complaint,
      ).finally(killNow)
    },
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
