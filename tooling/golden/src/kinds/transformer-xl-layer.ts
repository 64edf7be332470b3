import { resolveContinuousAttentionConfig } from "@infinite-former/attention";
import { absorb, createMemoryPlan, emptyLongTermMemory, gate } from "@infinite-former/memory";
import { stopGradient } from "@infinite-former/tensor";
import type { LongTermParams } from "@infinite-former/transformer";
import { block, noDropout, relativePositions } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import type { Comparison } from "../comparison.js";
import type { Fixture } from "../fixture.js";
import { field } from "../fixture.js";
import type { NamedTensors } from "../reference-weights.js";
import {
  differentiated,
  fedTensors,
  named,
  referenceLayer,
  valueAndGradients,
} from "../reference-weights.js";

/** Time-first `[time, batch, model]` to batch-first and back. */
function swap(x: tf.Tensor): tf.Tensor3D {
  return tf.transpose(x, [1, 0, 2]) as tf.Tensor3D;
}

/** Kind `transformer_xl_layer`: one decoder layer over several calls, forward and every gradient. */
export function checkTransformerXlLayer(fixture: Fixture, comparison: Comparison): void {
  const hyper = field<Record<string, unknown>>(fixture, fixture.json, "hyper");
  const get = <T>(name: string): T => field<T>(fixture, hyper, name);
  const [batch, heads, queries, memory] = [
    get<number>("batch"),
    get<number>("heads"),
    get<number>("qlen"),
    get<number>("mem_len"),
  ];
  const modelSize = get<number>("d_model");
  const longTerm = get<boolean>("ltm");
  const plan = longTerm
    ? createMemoryPlan({
        basisCount: get("N"),
        basisWidths: get("sigmas"),
        ridge: get("ridge"),
        contraction: get("tau"),
        sampleCount: get("nb_samples"),
        segmentLength: get("ltm_length"),
      })
    : null;
  try {
    tf.tidy(() => {
      const names = [...fixture.tensors.keys()];
      const inputs = fedTensors(fixture);
      const give = (name: string, value: tf.Tensor): void => {
        if (fixture.tensors.has(name)) comparison.check(name, value.dataSync(), "float32");
      };
      give("pos_emb", relativePositions(memory + queries, modelSize));
      const calls = names.filter((name) => /^call\d+\.x$/.test(name)).length;

      const loss = (tensors: NamedTensors): tf.Scalar => {
        const layer = referenceLayer(tensors, "w.");
        const biases = {
          content: named(tensors, "r_w_bias") as tf.Tensor2D,
          position: named(tensors, "r_r_bias") as tf.Tensor2D,
        };
        let past = longTerm ? emptyLongTermMemory({ batch, basisCount: get("N"), modelSize }) : null;
        const terms: tf.Tensor[] = [];
        for (let index = 1; index <= calls; index++) {
          const at = `call${index}.`;
          const rows = swap(named(tensors, `${at}mems`));
          const older = rows.shape[1] - memory;
          let reading = null;
          if (past !== null && plan !== null && older > 0) {
            const params = layer.longTerm as LongTermParams;
            const oldest = tf.slice(rows, [0, 0, 0], [-1, older, -1]);
            const segment = params.gate === undefined ? oldest : gate(params.gate, oldest).gated;
            const next = absorb(plan, past, segment);
            give(`${at}B`, next.coefficients);
            reading = {
              params: params.attention,
              config: resolveContinuousAttentionConfig({
                heads,
                headSize: get<number>("d_head"),
                modelSize,
                basisCount: get<number>("N"),
                basisWidths: get<number[]>("sigmas"),
                density: "gaussian" as const,
                densityFrom: "affine" as const,
                affineBias: false,
                // The authors' sorting code; the fixture has no field for it.
                varianceFloor: 1e-6,
                priorWidth: get<number>("sigma_0"),
                priorMean: get<number | null>("mu_0"),
              }),
              coefficients: next.coefficients,
            };
            past = { coefficients: stopGradient(next.coefficients) as tf.Tensor3D, segments: next.segments };
          }
          const out = block(
            layer,
            { heads, norm: get<boolean>("pre_lnorm") ? "pre" : "post", activation: "relu" },
            biases,
            {
              x: swap(named(tensors, `${at}x`)),
              shortTerm: memory === 0 ? null : tf.slice(rows, [0, older, 0], [-1, memory, -1]),
              positions: relativePositions(memory + queries, modelSize),
              first: null,
              longTerm: reading,
            },
            noDropout,
          );
          give(`${at}out`, swap(out.output));
          give(`${at}attn_out`, swap(out.attentionOutput));
          if (out.longTermContext !== null) give(`${at}long_term`, swap(out.longTermContext));
          terms.push(tf.sum(tf.mul(swap(out.output), named(tensors, `${at}W`))));
          if (out.penalty !== null) {
            give(`${at}kl`, out.penalty);
            terms.push(tf.mul(tf.mean(out.penalty), get<number>("kl_coefficient_in_loss")));
          }
        }
        return tf.addN(terms) as tf.Scalar;
      };
      const wanted = differentiated(fixture);
      const { value, gradients } = valueAndGradients(inputs, wanted, loss);
      give("loss", value);
      for (const name of wanted) give(`grad.${name}`, gradients[name] as tf.Tensor);
    });
  } finally {
    plan?.dispose();
  }
}
