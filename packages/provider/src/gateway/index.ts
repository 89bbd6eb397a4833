export { createGateway, type Gateway, type GatewayDesk, type TicketOptions } from './create-gateway.js'
export { type GatewayOptions, gatewayOptions } from './gateway-options.js'
