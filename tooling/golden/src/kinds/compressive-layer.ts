import type { CompressiveMemory } from "@infinite-former/transformer";
import {
  compressiveAttention,
  compressivePresets,
  distanceRows,
  firstKey,
  rememberSegment,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { Comparison } from "../comparison.js";
import { compressionWeights, compressiveAttentionWeights, dependingOn } from "../compressive-weights.js";
import type { Fixture } from "../fixture.js";
import { FixtureError, field, NotImplementedError } from "../fixture.js";
import type { NamedTensors } from "../reference-weights.js";
import { fedTensors, named, valueAndGradients } from "../reference-weights.js";

/** What one run over all segments gives. */
interface Run {
  readonly main: tf.Scalar;
  readonly auxiliary: tf.Scalar;
}

/** Kind `compressive_layer`: lucidrains' attention layer over successive segments, forward and every gradient. */
export function checkCompressiveLayer(fixture: Fixture, comparison: Comparison): void {
  const hyper = field<Record<string, unknown>>(fixture, fixture.json, "hyper");
  const get = <T>(name: string): T => field<T>(fixture, hyper, name);
  if (get<number>("dropout") !== 0) throw new NotImplementedError("dropout in a fixture");
  const config = {
    heads: get<number>("heads"),
    shortTermLength: get<number>("mem_len"),
    compressedLength: get<number>("cmem_len"),
    compressionRatio: get<number>("cmem_ratio"),
    ...compressivePresets.reference,
  };
  const give = (name: string, value: tf.Tensor): void => {
    if (fixture.tensors.has(name)) comparison.check(name, value.dataSync(), "float32");
  };

  const run = (tensors: NamedTensors): Run => {
    const params = {
      attention: compressiveAttentionWeights(tensors, "w."),
      ...(config.compressedLength > 0 ? { compression: compressionWeights(tensors, "w.") } : {}),
    };
    let memory: CompressiveMemory = { recent: null, compressed: null };
    let filled = tf.zeros([get<number>("batch")]) as tf.Tensor1D;
    const [terms, losses]: [tf.Scalar[], tf.Scalar[]] = [[], []];
    for (let index = 1; index <= get<number>("segments"); index++) {
      const at = `seg${index}.`;
      const x = named(tensors, `${at}x`) as tf.Tensor3D;
      const out = attend(named(tensors, "pos_emb") as tf.Tensor3D, params.attention, memory, filled, x);
      terms.push(tf.sum(tf.mul(out, named(tensors, `${at}W`))));
      give(`${at}out`, out);
      let loss = tf.scalar(0);
      if (x.shape[1] === get<number>("seq_len")) {
        const next = rememberSegment(params, config, memory, filled, x, {
          withLoss: get<boolean>("training"),
          throughPast: false,
        });
        loss = next.loss ?? loss;
        memory = next;
        filled = tf.minimum(tf.add(filled, x.shape[1]), config.shortTermLength) as tf.Tensor1D;
      }
      losses.push(loss);
      give(`${at}aux`, loss);
      giveRows(give, `${at}mem`, memory.recent, filled);
      giveRows(give, `${at}cmem`, memory.compressed?.rows ?? null, memory.compressed?.filled ?? filled);
    }
    return { main: tf.addN(terms) as tf.Scalar, auxiliary: tf.addN(losses) as tf.Scalar };
  };

  /** The attention of the layer alone: compressed memory, memory and segment. */
  function attend(
    table: tf.Tensor3D,
    params: Parameters<typeof compressiveAttention>[0],
    { recent, compressed }: CompressiveMemory,
    filled: tf.Tensor1D,
    x: tf.Tensor3D,
  ): tf.Tensor3D {
    const past = [compressed?.rows, recent].filter((rows) => rows != null);
    const context = tf.concat([...past, x], 1) as tf.Tensor3D;
    const [rows, count] = [context.shape[1] - x.shape[1], x.shape[1]];
    const seen = (compressed === null ? filled : tf.add(filled, compressed.filled)) as tf.Tensor1D;
    return compressiveAttention(params, {
      x,
      context,
      positions: distanceRows(table, rows + count, config.positionTable, tf.add(seen, count) as tf.Tensor1D),
      first: rows === 0 ? null : firstKey(seen, rows),
      heads: config.heads,
    });
  }

  tf.tidy(() => {
    const inputs = fedTensors(fixture);
    for (const [prefix, total, pick] of [
      ["grad_main.", "main_loss", (all: Run) => all.main],
      ["grad_aux.", "aux_total", (all: Run) => all.auxiliary],
    ] as const) {
      const names = [...fixture.tensors.keys()].filter((name) => name.startsWith(prefix));
      const wanted = names.map((name) => inputName(inputs, name.slice(prefix.length)));
      const { value, gradients } = valueAndGradients(inputs, wanted, (tensors) =>
        dependingOn(
          pick(run(tensors)),
          wanted.map((name) => named(tensors, name)),
        ),
      );
      give(total, value);
      names.forEach((name, i) => {
        give(name, gradients[wanted[i] as string] as tf.Tensor);
      });
    }
  });
}

/** The rows that count, which are the same in every batch row of a fixture. */
export function giveRows(
  give: (name: string, value: tf.Tensor) => void,
  name: string,
  rows: tf.Tensor3D | null,
  filled: tf.Tensor1D,
): void {
  const count = filled.dataSync()[0] as number;
  if (rows === null || count === 0) give(name, tf.tensor1d([]));
  else give(name, tf.slice(rows, [0, rows.shape[1] - count, 0], [-1, count, -1]));
}

/** The input that a gradient's name speaks of: weights are fed as `w.NAME`, the convolution below its module. */
function inputName(inputs: NamedTensors, name: string): string {
  const found = [name, `w.${name}`, `w.compress_mem_fn.${name}`].find((candidate) => candidate in inputs);
  if (found === undefined) throw new FixtureError(`tensor ${name} is missing`);
  return found;
}
