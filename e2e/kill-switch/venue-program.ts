import { createVenue, type VenueOptions } from '@barfinex/provider/venue'

/** The test venue as a program, with options that its command line has not: they are the one argument, as JSON. */
const options = JSON.parse(process.argv[2] ?? '{}') as VenueOptions
const { url, control, keys, close } = await createVenue(options)
const { apiKey, secret } = keys
process.stdout.write(
  `${JSON.stringify({ url, control: { url: control.url, token: control.token }, apiKey, secret })}\n`,
)
process.once('SIGTERM', () => void close().then(() => process.exit(0)))
