export { anAccountOf, aSituation, intentFor } from './given-situation.js'
export {
  type ExpectedReason,
  type GivenAccount,
  inspectorSpec,
  type ThenVerdict,
  type WhenOrdered,
} from './inspector-spec.js'
