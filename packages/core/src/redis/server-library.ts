import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'

/**
 * What the server does in one step. `KEYS` name everything that is written, so an access list on keys and topics holds.
 *
 * - `append` adds entries whose id is not there yet, remembers the ids, and pushes what it added: the stream id before it, and each
 *   entry with its own. Of much at once it pushes only the newest stream id, for to put it together costs more than all the rest, and
 *   who is behind reads it from the stream. Gives the stream ids, `+` before those that were new.
 * - `state` keeps the last value of each key and pushes it. A value that is older than the one that is there, by the same writer's
 *   number or incarnation, changes nothing: it was delayed on a connection that had been given up.
 * - `place` tells the newest stream id, and whether an entry that was confirmed or read is still there or was trimmed.
 * - `origin` makes or reads the name of this memory.
 * - `take`, `renew`, `hold`, `leave`: a lease, with and without a fencing counter.
 * - `trim` shortens a stream to what no group needs any more and forgets the ids of what it removed.
 */
const body = `
local function less(a, b)
  local am, as = string.match(a, '(%d+)-(%d+)')
  local bm, bs = string.match(b, '(%d+)-(%d+)')
  if am ~= bm then return tonumber(am) < tonumber(bm) end
  return tonumber(as) < tonumber(bs)
end

local function append(keys, args)
  local stream, ids = keys[1], keys[2]
  local names = { '' }
  for at = 2, #args, 2 do names[#names + 1] = args[at] end
  local known = redis.call('HMGET', ids, unpack(names))
  local first = known[1] or '0-0'
  local newest, fresh, size = first, {}, 0
  local places, pushed, noted = {}, { 'F', first }, {}
  for index = 2, #names do
    local name = names[index]
    local place = known[index] or fresh[name]
    if place then
      places[#places + 1] = place
    else
      local text = args[index * 2 - 1]
      newest = redis.call('XADD', stream, '*', 'i', name, 'm', text)
      fresh[name] = newest
      noted[#noted + 1] = name
      noted[#noted + 1] = newest
      places[#places + 1] = '+' .. newest
      pushed[#pushed + 1] = '\\n' .. newest .. ' ' .. #text .. '\\n'
      pushed[#pushed + 1] = text
      size = size + #text
    end
  end
  if #noted > 0 then
    redis.call('HSET', ids, '', newest, unpack(noted))
    redis.call('PUBLISH', args[1], size > 16384 and 'N' .. newest or table.concat(pushed))
  end
  return places
end

local function state(keys, args)
  local pushed = { 'V' }
  for at = 2, #args, 5 do
    local key, writer, epoch, number, text = args[at], args[at + 1], args[at + 2], args[at + 3], args[at + 4]
    local header = redis.call('HGET', keys[1], key)
    local isOlder = false
    if header then
      local w, e, n = string.match(header, '^(%S+) (%d+) (%d+)\\n')
      local source, known = string.match(writer, '^([^|]*)'), string.match(w or '', '^([^|]*)')
      if w == writer then isOlder = tonumber(number) <= tonumber(n)
      elseif source == known then isOlder = tonumber(epoch) < tonumber(e) end
    end
    if not isOlder then
      redis.call('HSET', keys[1], key, writer .. ' ' .. epoch .. ' ' .. number .. '\\n' .. text)
      pushed[#pushed + 1] = '\\n' .. #text .. '\\n'
      pushed[#pushed + 1] = text
    end
  end
  if #pushed > 1 then redis.call('PUBLISH', args[1], table.concat(pushed)) end
  return (#pushed - 1) / 2
end

local function place(keys, args)
  local newest = redis.call('HGET', keys[2], '') or '0-0'
  local wanted = args[1]
  if wanted == '0-0' then return { newest, 'there' } end
  if redis.call('EXISTS', keys[1]) == 0 then return { newest, 'gone' } end
  if #redis.call('XRANGE', keys[1], wanted, wanted) > 0 then return { newest, 'there' } end
  local info = redis.call('XINFO', 'STREAM', keys[1])
  local of = {}
  for at = 1, #info, 2 do of[info[at]] = info[at + 1] end
  if less(of['max-deleted-entry-id'], wanted) then return { newest, 'gone' } end
  return { newest, 'trimmed' }
end

local function origin(keys, args)
  redis.call('SET', keys[1], args[1], 'NX')
  return redis.call('GET', keys[1])
end

local function take(keys, args)
  if not redis.call('SET', keys[1], args[1], 'NX', 'PX', args[2]) then
    local holder = redis.call('GET', keys[1])
    if holder ~= args[1] then return { 0, holder } end
    redis.call('PEXPIRE', keys[1], args[2])
  end
  local floor = tonumber(args[3])
  local epoch = redis.call('INCR', keys[2])
  if epoch <= floor then
    epoch = floor + 1
    redis.call('SET', keys[2], epoch)
  end
  return { epoch, args[1] }
end

local function renew(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  return redis.call('PEXPIRE', keys[1], args[2])
end

local function hold(keys, args)
  if redis.call('SET', keys[1], args[1], 'NX', 'PX', args[2]) then return 1 end
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  redis.call('PEXPIRE', keys[1], args[2])
  return 1
end

local function leave(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  return redis.call('DEL', keys[1])
end

local function trim(keys, args)
  local stream, ids = keys[1], keys[2]
  if redis.call('EXISTS', stream) == 0 then return 0 end
  local excess = redis.call('XLEN', stream) - tonumber(args[1])
  if excess <= 0 then return 0 end
  local floor = nil
  if args[2] == 'groups' then
    for _, group in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
      local of = {}
      for at = 1, #group, 2 do of[group[at]] = group[at + 1] end
      local needed = of['last-delivered-id']
      local pending = redis.call('XPENDING', stream, of['name'])
      if pending[1] > 0 and less(pending[2], needed) then needed = pending[2] end
      if floor == nil or less(needed, floor) then floor = needed end
    end
  end
  local gone, names = {}, {}
  for _, entry in ipairs(redis.call('XRANGE', stream, '-', floor or '+', 'COUNT', math.min(excess, 512))) do
    if floor ~= nil and not less(entry[1], floor) then break end
    gone[#gone + 1] = entry[1]
    if entry[2][1] == 'i' then names[#names + 1] = entry[2][2] end
  end
  if #names > 0 then redis.call('HDEL', ids, unpack(names)) end
  if #gone > 0 then redis.call('XDEL', stream, unpack(gone)) end
  return #gone
end
`

const functions = ['append', 'state', 'place', 'origin', 'take', 'renew', 'hold', 'leave', 'trim'] as const
export type ServerFunction = (typeof functions)[number]

/** Follows from the text (and from how it is registered), so that two versions live side by side on one server. */
const version = createHash('sha256').update(`${body}1`).digest('hex').slice(0, 8)
const libraryName = `barfinex_${version}`

/** The name of a function on the server. */
export function serverFunction(name: ServerFunction): string {
  return `bfx_${version}_${name}`
}

/** The text to load by hand where the services' users may not: `redis-cli -x FUNCTION LOAD REPLACE`. */
export function libraryText(): string {
  const registered = functions.map((name) => {
    const flags = name === 'place' ? `, flags={'no-writes'}` : ''
    return `redis.register_function{function_name='${serverFunction(name)}', callback=${name}${flags}}`
  })
  return `#!lua name=${libraryName}\n${body}\n${registered.join('\n')}\n`
}

/** Loads the functions where they are not; an account that may not load needs them loaded by somebody who may. */
export async function loadLibrary(redis: Redis): Promise<void> {
  const loaded = await redis.call('FUNCTION', 'LIST', 'LIBRARYNAME', libraryName).catch(() => null)
  if (Array.isArray(loaded) && loaded.length > 0) return
  try {
    await redis.call('FUNCTION', 'LOAD', libraryText())
  } catch (error) {
    // Another process was quicker, or one with the right to load has done it already.
    if (!String(error).includes('already exists') && !/NOPERM/.test(String(error))) throw error
  }
}
