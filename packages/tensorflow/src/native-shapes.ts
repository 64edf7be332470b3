type Shape = readonly number[];

/** Shapes of an operation's outputs, from those of its inputs and its attributes. */
type ShapesOf = (inputs: readonly Shape[], attributes: Readonly<Record<string, number>>) => readonly Shape[];

const at = (inputs: readonly Shape[], index: number): Shape => inputs[index] ?? [];
const none: Shape = [0];
const isNone = (shape: Shape): boolean => shape.length === 1 && shape[0] === 0;

/**
 * What our own operations give, as native/kernels allocates it. Inputs are not
 * checked here: the kernel does that when it runs.
 */
export const nativeShapes: Readonly<Record<string, ShapesOf>> = {
  InfiniteFormerAttention: (inputs) => {
    const [batch = 0, queries = 0, heads = 0, size = 0] = at(inputs, 0);
    return [
      [batch, queries, heads, size],
      [batch, heads, queries],
    ];
  },
  InfiniteFormerAttentionGrad: (inputs) => inputs.slice(0, 5),
  InfiniteFormerLayerNorm: (inputs) => {
    const x = at(inputs, 0);
    const rows = x.slice(0, -1).reduce((product, size) => product * size, 1);
    const summed = !isNone(at(inputs, 3)) || !isNone(at(inputs, 4));
    return [x, [rows, 3], summed ? x : none];
  },
  InfiniteFormerLayerNormGrad: (inputs) => [at(inputs, 0), at(inputs, 1), at(inputs, 1)],
  InfiniteFormerActivation: (inputs) => [at(inputs, 0)],
  InfiniteFormerActivationGrad: (inputs) => [at(inputs, 0), at(inputs, 1)],
  InfiniteFormerAdamW: (inputs) => [at(inputs, 0), at(inputs, 0), at(inputs, 0)],
  InfiniteFormerGlobalNorm: () => [[]],
  InfiniteFormerScatterRows: (inputs, { vocabulary = 0 }) => [[vocabulary, at(inputs, 0)[1] ?? 0]],
  InfiniteFormerReadOut: (inputs) => {
    const [batch = 0, heads = 0, queries = 0] = at(inputs, 0);
    return [[batch, queries, heads, at(inputs, 2)[3] ?? 0]];
  },
  InfiniteFormerReadOutGrad: (inputs) => [at(inputs, 0), at(inputs, 0), at(inputs, 2)],
  InfiniteFormerRowLinear: (inputs, { transposed = 0 }) => [
    [at(inputs, 0)[0] ?? 0, at(inputs, 1)[1 - transposed] ?? 0],
  ],
  InfiniteFormerAttentionMass: (inputs) => [[at(inputs, 0)[0] ?? 0, (at(inputs, 2)[0] ?? 1) - 1]],
  InfiniteFormerDrawPositions: (inputs) => [at(inputs, 1)],
  InfiniteFormerResample: (inputs) => [at(inputs, 0)],
  InfiniteFormerRingAttention: (inputs) => {
    const [batch = 0, heads = 0, , size = 0] = at(inputs, 1);
    return [[batch, heads * size], at(inputs, 1), at(inputs, 2)];
  },
  InfiniteFormerWriteRing: (inputs) => [at(inputs, 0)],
  InfiniteFormerDensityReading: (inputs) => {
    const [batch = 0, heads = 0, , size = 0] = at(inputs, 3);
    const each = [batch, heads, 1];
    return [[batch, heads * size], each, each];
  },
};
