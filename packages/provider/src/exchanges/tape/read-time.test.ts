import { describe, expect, test } from 'vitest'
import { type TimeReader, timeReader } from './read-time.js'

function reader(format: string, timeZone = 'UTC', date?: string): TimeReader {
  const made = timeReader(format, timeZone, date)
  if (typeof made === 'string') throw new Error(made)
  return made
}

const iso = (at: number) => (Number.isNaN(at) ? 'none' : new Date(at).toISOString())

describe('timeReader', () => {
  test.each([
    ['YYYYMMDD HH:mm', '20180501 23:05', '2018-05-01T23:05:00.000Z'],
    ['YYYY-MM-DD HH:mm:ss.SSSSSS', '2021-12-31 23:01:00.250999', '2021-12-31T23:01:00.250Z'],
    ['YYYY-MM-DDTHH:mm:ssZ', '2020-02-29T00:00:00Z', '2020-02-29T00:00:00.000Z'],
    ['DD.MM.YYYY', '31.12.1999', '1999-12-31T00:00:00.000Z'],
    ['milliseconds', '1700000000123', '2023-11-14T22:13:20.123Z'],
    ['seconds', '1700000000', '2023-11-14T22:13:20.000Z'],
    ['microseconds', '1700000000123456', '2023-11-14T22:13:20.123Z'],
    ['nanoseconds', '1700000000123456789', '2023-11-14T22:13:20.123Z'],
  ])('reads %s', (format, text, wanted) => {
    expect(iso(reader(format)(text))).toBe(wanted)
  })

  test.each([
    ['YYYYMMDD HH:mm', '2018-05-01 23:05'],
    ['YYYYMMDD HH:mm', '20180501 24:00'],
    ['YYYYMMDD HH:mm', '20180231 10:00'],
    ['YYYYMMDD HH:mm', '20181301 10:00'],
    ['YYYYMMDD HH:mm', '20180501 23:05 '],
    ['milliseconds', '1.5'],
    ['milliseconds', ''],
  ])('refuses what does not follow %s: "%s"', (format, text) => {
    expect(reader(format)(text)).toBeNaN()
  })

  test('counts milliseconds of a day from its midnight in the zone', () => {
    expect(iso(reader('milliseconds of day', 'UTC', '2022-12-13')('86340000'))).toBe('2022-12-13T23:59:00.000Z')
    expect(iso(reader('milliseconds of day', 'Asia/Tokyo', '2022-12-13')('0'))).toBe('2022-12-12T15:00:00.000Z')
    expect(reader('milliseconds of day', 'UTC', '2022-12-13')('86400000')).toBeNaN()
  })

  test('follows daylight saving time', () => {
    const read = reader('YYYYMMDD HH:mm', 'America/New_York')
    expect(iso(read('20210108 09:30'))).toBe('2021-01-08T14:30:00.000Z')
    expect(iso(read('20210313 23:00'))).toBe('2021-03-14T04:00:00.000Z')
    expect(iso(read('20210314 01:59'))).toBe('2021-03-14T06:59:00.000Z')
    // The clocks go from 2 to 3: this hour does not exist.
    expect(read('20210314 02:30')).toBeNaN()
    expect(iso(read('20210314 03:00'))).toBe('2021-03-14T07:00:00.000Z')
    expect(iso(read('20210708 09:30'))).toBe('2021-07-08T13:30:00.000Z')
    // The clocks go back from 2 to 1: in rows that come in order, the second 1 o'clock is an hour later.
    const autumn = ['00:30', '01:00', '01:30', '01:00', '01:30', '02:00'].map((time) => iso(read(`20211107 ${time}`)))
    expect(autumn).toEqual([
      '2021-11-07T04:30:00.000Z',
      '2021-11-07T05:00:00.000Z',
      '2021-11-07T05:30:00.000Z',
      '2021-11-07T06:00:00.000Z',
      '2021-11-07T06:30:00.000Z',
      '2021-11-07T07:00:00.000Z',
    ])
  })

  test('agrees with the zone database on every hour of a year of London and Lord Howe', () => {
    for (const timeZone of ['Europe/London', 'Australia/Lord_Howe']) {
      const read = reader('YYYY-MM-DD HH:mm', timeZone)
      const format = new Intl.DateTimeFormat('sv-SE', {
        timeZone,
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
      })
      for (let at = Date.UTC(2023, 0, 1); at < Date.UTC(2024, 0, 1); at += 1_800_000) {
        expect(iso(read(format.format(at)))).toBe(iso(at))
      }
    }
  })

  test('says what is wrong with a format or a zone', () => {
    expect(timeReader('HH:mm', 'UTC', undefined)).toMatch(/not a time format/)
    expect(timeReader('YYYY-MM-DD YYYY', 'UTC', undefined)).toMatch(/twice/)
    expect(timeReader('milliseconds', 'Mars/Olympus', undefined)).toMatch(/not a time zone/)
  })
})
