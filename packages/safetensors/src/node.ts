export { containedFile } from "./node/contained-file.js";
export { type OpenSafetensorsFile, openSafetensors } from "./node/open.js";
export { type OpenModel, openSafetensorsModel, openShardedSafetensors } from "./node/open-model.js";
export { readSafetensors } from "./node/read.js";
export { writeSafetensors, writeSafetensorsStream } from "./node/write.js";
export { type WriteShardedOptions, writeShardedSafetensors } from "./node/write-sharded.js";
