export { toFloat32, toFloat64 } from "./convert.js";
export { decodeSafetensors, readHeader, type SafetensorsFile } from "./decode.js";
export type { SafetensorsArrays, SafetensorsDtype, SafetensorsTensor } from "./dtype.js";
export { encodeSafetensors } from "./encode.js";
export {
  defaultSafetensorsLimits,
  type SafetensorsHeader,
  type SafetensorsLimits,
  type SafetensorsTensorInfo,
} from "./header.js";
export { SafetensorsError } from "./safetensors-error.js";
export { assertSealed, encodeSealed } from "./sealed.js";
