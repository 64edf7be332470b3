import { crossEntropy } from "@infinite-former/training";
import type {
  CompressiveForwardOutput,
  CompressiveState,
  CompressiveTransformerConfig,
} from "@infinite-former/transformer";
import {
  compressivePresets,
  compressiveTransformer,
  initialCompressiveState,
  resolveCompressiveTransformerConfig,
} from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { Comparison } from "../comparison.js";
import { compressiveTransformerWeights, dependingOn } from "../compressive-weights.js";
import type { Fixture } from "../fixture.js";
import { FixtureError, field, NotImplementedError, tensor } from "../fixture.js";
import type { NamedTensors } from "../reference-weights.js";
import { differentiated, fedTensors, named, valueAndGradients } from "../reference-weights.js";

/** The model of a fixture, lucidrains' with all its quirks. */
function readConfig(fixture: Fixture, hyper: Record<string, unknown>): CompressiveTransformerConfig {
  const get = <T>(name: string): T => field<T>(fixture, hyper, name);
  if (get<number>("dropout") !== 0) throw new NotImplementedError("dropout in a fixture");
  for (const option of ["ff_glu", "mogrify_gru"])
    if (hyper[option] === true) throw new NotImplementedError(option);
  if (hyper["layer_norm_eps"] !== undefined && hyper["layer_norm_eps"] !== 1e-5) {
    throw new NotImplementedError(`layer_norm_eps ${hyper["layer_norm_eps"]}`);
  }
  const activation = (hyper["ff_activation"] ?? "GELU (erf)") as string;
  if (activation !== "GELU (erf)") throw new NotImplementedError(`ff_activation ${activation}`);
  const memoryLayers = hyper["memory_layers"] as readonly number[] | undefined;
  return resolveCompressiveTransformerConfig({
    vocabularySize: get("num_tokens"),
    layers: get("depth"),
    modelSize: get("dim"),
    heads: get("heads"),
    innerSize: get<number>("dim") * get<number>("ff_mult"),
    segmentLength: get("seq_len"),
    shortTermLength: get("mem_len"),
    compressedLength: get("cmem_len"),
    compressionRatio: get("cmem_ratio"),
    ...(memoryLayers == null ? {} : { memoryLayers: memoryLayers.map((layer) => layer - 1) }),
    ...compressivePresets.reference,
    residual: fixture.tensors.has("w.attn_layers.0.gru.weight_ih") ? "gru" : "add",
    enhancedRecurrence: isEnhanced(fixture, hyper),
  });
}

/** Whether memories roll by a layer: a hyper-parameter, or said in words only. */
function isEnhanced(fixture: Fixture, hyper: Record<string, unknown>): boolean {
  const given = hyper["enhanced_recurrence"];
  if (typeof given === "boolean") return given;
  const spoken = /enhanced_recurrence\s*=\s*(true|false)/i.exec(String(fixture.json["what"]));
  if (spoken === null) throw new FixtureError(`${fixture.name}.json: enhanced_recurrence is not said`);
  return spoken[1]?.toLowerCase() === "true";
}

/** Kind `compressive_lm`: a whole model over a sequence: logits, memories, losses, every gradient of the last segment. */
export function checkCompressiveLm(fixture: Fixture, comparison: Comparison): void {
  const hyper = field<Record<string, unknown>>(fixture, fixture.json, "hyper");
  const config = readConfig(fixture, hyper);
  const auxiliary = field<boolean>(fixture, hyper, "training");
  const weight = (hyper["reconstruction_loss_weight"] ?? 1) as number;
  const { layers, segmentLength, memoryLayers, compressedLength } = config;
  const [batch, length] = tensor(fixture, "ids").shape as [number, number];
  const give = (name: string, value: tf.Tensor): void => {
    if (fixture.tensors.has(name)) comparison.check(name, value.dataSync(), "float32");
  };

  const run = (
    tensors: NamedTensors,
  ): { ce: tf.Scalar; loss: tf.Scalar; outputs: CompressiveForwardOutput[] } => {
    const params = compressiveTransformerWeights(tensors, layers, compressedLength > 0 ? memoryLayers : []);
    const ids = named(tensors, "ids") as tf.Tensor2D;
    const outputs: CompressiveForwardOutput[] = [];
    let state = initialCompressiveState(config, batch);
    let ce = tf.scalar(0);
    for (let start = 0; start < length - 1; start += segmentLength) {
      const count = Math.min(segmentLength, length - 1 - start);
      const output = compressiveTransformer(
        { config, params },
        state,
        tf.slice(ids, [0, start], [batch, count]),
        {
          auxiliary,
        },
      );
      const targets = tf.reshape(tf.slice(ids, [0, start + 1], [batch, count]), [-1]) as tf.Tensor1D;
      const logits = tf.reshape(output.logits as tf.Tensor, [-1, config.vocabularySize]) as tf.Tensor2D;
      ce = crossEntropy(logits, targets).loss as tf.Scalar;
      outputs.push(output);
      state = output.state;
    }
    const last = outputs.at(-1)?.auxiliaryLoss;
    return { ce, loss: last == null ? ce : tf.add(ce, tf.mul(last, weight)), outputs };
  };

  tf.tidy(() => {
    const inputs = fedTensors(fixture);
    const wanted = differentiated(fixture).map((name) => `w.${name}`);
    const { gradients } = valueAndGradients(inputs, wanted, (tensors) =>
      dependingOn(
        run(tensors).loss,
        wanted.map((name) => named(tensors, name)),
      ),
    );
    for (const name of wanted) give(`grad.${name.slice(2)}`, gradients[name] as tf.Tensor);
    const { ce, outputs } = run(inputs);
    give("ce", ce);
    outputs.forEach(({ logits, auxiliaryLoss, state }, index) => {
      const at = `seg${index + 1}.`;
      give(`${at}logits`, logits as tf.Tensor);
      give(`${at}aux`, auxiliaryLoss === null ? tf.scalar(0) : tf.mul(auxiliaryLoss, weight));
      giveMemories(give, at, state);
    });
  });
}

/** Layers first; of each the rows that count, the same in every batch row of a fixture. */
function giveMemories(
  give: (name: string, value: tf.Tensor) => void,
  at: string,
  { recent, compressed, filled }: CompressiveState,
): void {
  give(`${at}mem`, counting(recent, filled));
  give(
    `${at}cmem`,
    counting(
      compressed.map(({ rows }) => rows),
      compressed[0]?.filled ?? filled,
    ),
  );
}

function counting(layers: readonly tf.Tensor3D[], filled: tf.Tensor1D): tf.Tensor {
  const count = filled.dataSync()[0] as number;
  if (layers.length === 0 || count === 0) return tf.tensor1d([]);
  return tf.stack(layers.map((rows) => tf.slice(rows, [0, rows.shape[1] - count, 0], [-1, count, -1])));
}
