export type { ByteStream, ReadableBytes } from "./byte-stream.js";
export { fromFloat32, toFloat32, toFloat64 } from "./convert.js";
export { decodeSafetensors, readHeader, type SafetensorsFile } from "./decode.js";
export {
  decodeSafetensorsStream,
  type SafetensorsPiece,
  type SafetensorsStream,
} from "./decode-stream.js";
export type { SafetensorsArrays, SafetensorsDtype, SafetensorsTensor } from "./dtype.js";
export { encodeSafetensors } from "./encode.js";
export { encodeSafetensorsStream, type SafetensorsChunks, type SafetensorsContent } from "./encode-stream.js";
export { foreignFormat } from "./foreign-format.js";
export type { SafetensorsHeader, SafetensorsTensorInfo } from "./header.js";
export { type HttpSourceOptions, httpSource, type ResponseLike } from "./http-source.js";
export type { SafetensorsSpec } from "./layout.js";
export { defaultSafetensorsLimits, type SafetensorsLimits } from "./limits.js";
export { type OpenShards, openSafetensorsShards, type ShardTensorInfo } from "./open-shards.js";
export { SafetensorsError } from "./safetensors-error.js";
export { assertSealed, encodeSealed } from "./sealed.js";
export { parseShardIndex } from "./shard-index.js";
export {
  type BlobLike,
  blobSource,
  type OpenSafetensors,
  openSafetensorsSource,
  type SafetensorsSource,
} from "./source.js";
