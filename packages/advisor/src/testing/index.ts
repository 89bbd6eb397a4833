/** Parts to try things with: a model server with every kind of trouble, cases for the heart, answers good and bad. */
export * from './a-case.js'
export * from './a-synthesis-request.js'
export * from './hand-timer.js'
export * from './model-server.js'
export { type Scenario, type SeenRequest, scenarioNames } from './scenarios.js'
export { type Spoiling, spoilings, spoiltAnswer } from './spoilt-answer.js'
export { type Answered, type AnsweredClaim, type AnsweredRelation, validAnswer } from './valid-answer.js'
