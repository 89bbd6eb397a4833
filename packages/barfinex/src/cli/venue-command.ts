import { createVenue, type Venue } from '@barfinex/provider/venue'
import { readInteger, readPace } from './arguments.js'
import { type Command, commonOptions } from './command.js'
import { onInterrupt } from './on-interrupt.js'
import { exitCodes } from './output.js'

/** The test venue as a program of its own: an exchange to rehearse bots against, without a network. */
export const venueCommand: Command = {
  name: 'venue',
  words: '',
  help: 'opens a test exchange on this machine that speaks Binance and misbehaves when told to',
  options: [
    { name: 'port', value: 'N', help: 'port of the exchange; any free one when absent' },
    { name: 'control-port', value: 'N', help: 'port of its control; any free one when absent' },
    { name: 'seed', value: 'N', help: 'seed of the market, the keys and the faults; 7 when absent' },
    { name: 'tape', value: 'FILE', help: 'plays a recorded market instead' },
    { name: 'symbols', value: 'A,B', help: 'symbols of the generated market' },
    { name: 'still', help: 'a market that stands until somebody trades or moves it' },
    { name: 'pace', value: 'N', help: "the venue's time over wall time; 1 when absent, 0 lets it stand" },
    ...commonOptions,
  ],
  async run(args, output) {
    const seed = readInteger('seed', args.text('seed') ?? '7', 0, 2 ** 32 - 1)
    const tape = args.text('tape')
    const symbols = args.text('symbols')?.split(',')
    const venue = await createVenue({
      seed,
      port: readInteger('port', args.text('port') ?? '0', 0, 65_535),
      controlPort: readInteger('control-port', args.text('control-port') ?? '0', 0, 65_535),
      pace: readPace(args.text('pace') ?? '1'),
      market: args.has('still') ? 'still' : 'generated',
      ...(tape === undefined ? {} : { tape }),
      ...(symbols === undefined ? {} : { symbols }),
    })
    const stopping = new AbortController()
    const release = onInterrupt(stopping, output)
    try {
      output.result(described(venue, seed), readable(venue))
      await new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve(), { once: true }))
      return exitCodes.done
    } finally {
      release()
      await venue.close()
    }
  },
}

function described(venue: Venue, seed: number): object {
  const { url, wsUrl, control, keys, world } = venue
  return {
    url,
    wsUrl,
    control: { url: control.url, token: control.token },
    apiKey: keys.apiKey,
    secret: keys.secret,
    ed25519PrivateKey: keys.privateKey,
    symbols: world.symbols,
    seed,
  }
}

function readable({ url, wsUrl, control, keys, world }: Venue): string {
  return [
    `REST           ${url}/api/v3 (perpetuals: ${url}/fapi/v1)`,
    `streams        ${wsUrl}/ws and ${wsUrl}/stream (perpetuals: ${wsUrl}/fstream/ws)`,
    `WebSocket API  ${wsUrl}/ws-api/v3`,
    `API key        ${keys.apiKey}`,
    `secret         ${keys.secret}`,
    `control        ${control.url}`,
    `control token  ${control.token}`,
    `symbols        ${[...world.symbols.spot, ...world.symbols.usdm.map((it) => `${it} (perpetual)`)].join(', ')}`,
    'The money is not real, and the keys open nothing but this. Ctrl-C closes it.',
  ].join('\n')
}
