export { createVenue, type Venue, type VenueControl, type VenueOptions } from './create-venue.js'
export type { VenueFault, VenueFaultRule, VenueFaults } from './venue-faults.js'
export * from './venue-world.js'
