import type { Envelope } from '../bus/envelope.js'
import type { Channel } from '../flow/channel.js'
import { addressOf } from './address.js'
import { encodeFrame } from './frame.js'
import type { Keys } from './keys.js'
import { livePush } from './push.js'
import { serverFunction } from './server-library.js'

/** One message on its way out. */
export interface Outgoing {
  readonly channel: Channel<never>
  /** Counts up through everything this bus says. */
  readonly number: number
  envelope: Envelope<never>
}

/** One command to the server, and what it carries. */
export interface Command {
  readonly channel: Channel<never>
  readonly args: readonly [name: string, ...rest: (string | number | Buffer)[]]
  readonly messages: readonly Outgoing[]
}

/** Messages of settled data that travel and are kept as one entry. */
const longestFrame = 128
/** Entries that one call of `append` adds. */
const longestCall = 256

/**
 * Makes commands of messages: durable ones and state in the order in which they were said, neighbours of a channel together.
 */
export function durableCommands(keys: Keys, instance: string, messages: readonly Outgoing[]): Command[] {
  const commands: Command[] = []
  for (let from = 0; from < messages.length; ) {
    const first = messages[from] as Outgoing
    const { channel } = first
    const longest = channel.class === 'settled' ? longestFrame : longestCall
    let to = from + 1
    while (to < messages.length && to - from < longest && isNeighbour(first, messages[to] as Outgoing)) to += 1
    commands.push(durableCommand(keys, instance, channel, messages.slice(from, to)))
    from = to
  }
  return commands
}

function isNeighbour(one: Outgoing, other: Outgoing): boolean {
  if (one.channel !== other.channel) return false
  return one.channel.speakerOf === null || addressOfMessage(one) === addressOfMessage(other)
}

function addressOfMessage({ channel, envelope }: Outgoing): string {
  return addressOf(channel, envelope.payload)
}

function durableCommand(keys: Keys, instance: string, channel: Channel<never>, messages: readonly Outgoing[]): Command {
  const { name } = channel
  if (channel.class === 'state') {
    const parts = messages.flatMap(({ envelope, number }) => [
      envelope.key,
      `${envelope.source}|${instance}`,
      envelope.epoch,
      number,
      encodeFrame(channel, instance, [envelope]),
    ])
    const address = addressOfMessage(messages[0] as Outgoing)
    const args = ['FCALL', serverFunction('state'), 1, keys.state(address), keys.topic(address), ...parts] as const
    return { channel, args: [...args], messages }
  }
  const parts =
    channel.class === 'settled'
      ? [
          frameId(instance, messages),
          encodeFrame(
            channel,
            instance,
            messages.map(({ envelope }) => envelope),
          ),
        ]
      : messages.flatMap(({ envelope }) => [envelope.id, encodeFrame(channel, instance, [envelope])])
  const place = [keys.stream(name), keys.ids(name), keys.topic(name)] as const
  return { channel, args: ['FCALL', serverFunction('append'), 2, ...place, ...parts], messages }
}

/** Sent twice, a frame is one entry: its name says which messages of which bus it holds. */
function frameId(instance: string, messages: readonly Outgoing[]): string {
  return `~${instance}.${messages[0]?.number ?? 0}`
}

/** Makes commands of live data and heartbeats: everything of one address together. */
export function liveCommands(keys: Keys, instance: string, messages: readonly Outgoing[]): Command[] {
  const byAddress = new Map<string, Outgoing[]>()
  for (const message of messages) {
    const address = addressOfMessage(message)
    const known = byAddress.get(address)
    if (known === undefined) byAddress.set(address, [message])
    else known.push(message)
  }
  return [...byAddress].map(([address, of]) => {
    const { channel } = of[0] as Outgoing
    const envelopes = of.map(({ envelope }) => envelope)
    return {
      channel,
      args: ['PUBLISH', keys.topic(address), livePush(encodeFrame(channel, instance, envelopes))],
      messages: of,
    }
  })
}
