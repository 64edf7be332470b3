/** Bounds on what a file may ask for. Every one can be raised. */
export interface SafetensorsLimits {
  /**
   * Bytes of a header. Default 16,777,216, so that no file costs more than some
   * 60 MB before it is refused; the original implementation stops at 100,000,000.
   */
  readonly headerBytes?: number;
  /** Number of tensors of one file. Default 32,768. */
  readonly tensors?: number;
  /** Number of axes of one tensor. Default 64. */
  readonly axes?: number;
  /** Bytes of the index of a model in several files. Default 33,554,432. */
  readonly indexBytes?: number;
  /** Number of tensors that such an index names. Default 262,144. */
  readonly indexTensors?: number;
  /** Number of files that such an index names. Default 4,096. */
  readonly shards?: number;
}

export const defaultSafetensorsLimits: Required<SafetensorsLimits> = Object.freeze({
  headerBytes: 16_777_216,
  tensors: 32_768,
  axes: 64,
  indexBytes: 33_554_432,
  indexTensors: 262_144,
  shards: 4096,
});

/** The default limits with the caller's in their place. */
export function resolveLimits(limits: SafetensorsLimits | undefined): Required<SafetensorsLimits> {
  return { ...defaultSafetensorsLimits, ...limits };
}
