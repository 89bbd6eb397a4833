import { exchangeContract } from '../../src/testing/exchange-contract.js'
import { onVenue } from './on-venue.js'

exchangeContract('ccxt on the venue', () => onVenue())
