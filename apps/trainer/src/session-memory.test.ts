import { activateBackend } from "@infinite-former/backend";
import { createRng } from "@infinite-former/random";
import { decodeSafetensors, encodeSealed } from "@infinite-former/safetensors";
import { disposeTree, leaves } from "@infinite-former/tensor";
import type { TransformerState } from "@infinite-former/transformer";
import { initialState, read } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { findPreset, presetConfig } from "./config/resolve.js";
import type { ModelSettings } from "./config/schema.js";
import { transformerModel } from "./models/transformer-model.js";
import { decodeSessionMemory, encodeSessionMemory, type MemoryOrigin } from "./session-memory.js";

const characters = "abcdefg∞";
const small: ModelSettings = {
  ...presetConfig(findPreset("tiny")).model,
  layers: 2,
  modelSize: 4,
  innerSize: 4,
  segmentLength: 4,
  shortTermLength: 4,
  basisCount: 4,
  sampleCount: 4,
  sampling: "sticky",
};
const forms: Record<string, ModelSettings> = {
  sticky: small,
  uniform: { ...small, sampling: "uniform" },
  "transformer-xl": { ...small, kind: "transformer-xl" },
};

interface Saved {
  readonly bytes: Uint8Array;
  readonly origin: MemoryOrigin;
  readonly numbers: Record<string, number[]>;
}
const saved = new Map<string, Saved>();
const numbersOf = (state: TransformerState): Record<string, number[]> =>
  Object.fromEntries(leaves(state).map(({ path, tensor }) => [path, Array.from(tensor.dataSync())]));

beforeAll(async () => {
  await activateBackend("cpu");
  for (const [form, settings] of Object.entries(forms)) {
    const model = transformerModel(settings, characters.length, createRng(1));
    const text = Array.from({ length: 23 }, (_, i) => (i * i) % characters.length);
    const { state, logits } = read(model, initialState(model.config, 1), [text]);
    const origin = { config: model.config, characters, weightsSha256: "a1" };
    const bytes = await encodeSessionMemory({ state, waiting: Int32Array.of(5), tokens: 24 }, origin);
    saved.set(form, { bytes, origin, numbers: numbersOf(state) });
    disposeTree([state, logits]);
    disposeTree(model.params);
    model.disposeConstants();
  }
});

/** What is said when the bytes are refused; no tensors may be left behind. */
function refusal(bytes: Uint8Array, origin: MemoryOrigin): string {
  const before = tf.memory().numTensors;
  try {
    disposeTree(decodeSessionMemory(bytes, "m", origin).state);
  } catch (error) {
    expect(error).toMatchObject({
      code: "ERR_USAGE",
      message: expect.stringMatching(/^Runner.loadMemory: m: /),
    });
    expect(tf.memory().numTensors).toBe(before);
    return (error as Error).message.slice("Runner.loadMemory: m: ".length);
  }
  return "none";
}

/** The file with its metadata or tensors changed, sealed again. */
function forged(
  { bytes }: Saved,
  change: (parts: { metadata: Record<string, string>; tensors: Map<string, Float32Array> }) => void,
) {
  const file = decodeSafetensors(bytes);
  const { sha256: _, ...metadata } = file.metadata;
  const tensors = new Map(
    [...file.tensors].map(([path, { data }]) => [path, (data as Float32Array).slice()]),
  );
  change({ metadata, tensors });
  const shapeOf = (path: string, { length }: Float32Array): readonly number[] => {
    const before = file.tensors.get(path);
    return before?.data.length === length ? before.shape : [length];
  };
  return encodeSealed(
    [...tensors].map(([path, data]) => [path, { dtype: "F32", shape: shapeOf(path, data), data }]),
    metadata,
  );
}

describe.each(Object.keys(forms))("a saved memory (%s)", (form) => {
  it("comes back bit for bit", () => {
    const { bytes, origin, numbers } = saved.get(form) as Saved;
    const memory = decodeSessionMemory(bytes, "m", origin);
    expect(memory).toMatchObject({ tokens: 24, weightsSha256: "a1", waiting: Int32Array.of(5) });
    expect(numbersOf(memory.state as TransformerState)).toEqual(numbers);
    expect(Object.keys(numbers).some((path) => path.endsWith("attended"))).toBe(form === "sticky");
    disposeTree(memory.state);
  });

  it("is refused with any byte changed: size, header, padding and data", () => {
    const { bytes, origin } = saved.get(form) as Saved;
    const header = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    const place = fc.oneof(
      fc.nat(7),
      fc.integer({ min: 8, max: header - 1 }),
      fc.integer({ min: header - 8, max: header + 7 }),
      fc.integer({ min: header, max: bytes.length - 1 }),
    );
    const law = fc.property(place, fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const altered = bytes.slice();
      altered[at] = (altered[at] as number) ^ flip;
      expect(refusal(altered, origin), `byte ${at} ^ ${flip}`).not.toBe("none");
    });
    fc.assert(law, { seed: 31, numRuns: 1500 });
  });

  it("is refused cut short at any length, and with bytes behind it", () => {
    const { bytes, origin } = saved.get(form) as Saved;
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(bytes.subarray(0, length), origin), `${length} bytes`).toMatch(
        /^is not a memory file: /,
      );
    }
    expect(refusal(Uint8Array.of(...bytes, 0), origin)).toMatch(/^is not a memory file: .* 1 bytes more/);
  });
});

describe("decodeSessionMemory", () => {
  const of = (form = "sticky") => saved.get(form) as Saved;

  it("names the field of the configuration that differs", () => {
    const { bytes, origin } = of();
    const config = origin.config as typeof origin.config & { longTerm: object };
    const other = (change: object) => refusal(bytes, { ...origin, config: { ...config, ...change } });
    expect(other({ heads: 1 })).toBe("belongs to another model: heads is 2 in the file and 1 in the model");
    expect(other({ longTerm: { ...config.longTerm, contraction: 0.25 } })).toBe(
      "belongs to another model: longTerm.contraction is 0.75 in the file and 0.25 in the model",
    );
    expect(other({ longTerm: { ...config.longTerm, basisWidths: [0.1] } })).toMatch(
      /: longTerm.basisWidths is /,
    );
    expect(other({ dropout: 0.3 })).toBe("none");
    expect(refusal(bytes, { ...origin, characters: "abc" })).toBe(
      "belongs to a model with another vocabulary",
    );
  });

  it("names the kinds where they differ, rather than a field that only one of them has", () => {
    const { bytes, origin } = of();
    expect(refusal(of("transformer-xl").bytes, origin)).toBe(
      "belongs to another kind of model: a Transformer-XL, and this is an ∞-former",
    );
    expect(refusal(bytes, of("transformer-xl").origin)).toMatch(
      /: an ∞-former, and this is a Transformer-XL/,
    );
    const { longTerm: _, ...config } = origin.config as typeof origin.config & { longTerm: object };
    for (const [field, kind] of [
      ["compressionRatio", "a Compressive Transformer"],
      ["positions", "a GPT-2"],
    ] as const) {
      const other = { ...origin, config: { ...config, [field]: 4 } } as unknown as MemoryOrigin;
      expect(refusal(bytes, other)).toBe(
        `belongs to another kind of model: an ∞-former, and this is ${kind}`,
      );
    }
  });

  it("says of an earlier or later version which it reads and what to do", () => {
    const { origin } = of();
    for (const version of ["2", "4"]) {
      const file = forged(of(), ({ metadata }) => {
        metadata["version"] = version;
      });
      expect(refusal(file, origin)).toBe(`has version ${version}; this release reads 3: read the text again`);
    }
  });

  it("says that a file was altered", () => {
    const { bytes, origin } = of();
    const altered = bytes.slice();
    altered[bytes.length - 3] = (altered[bytes.length - 3] as number) ^ 1;
    expect(refusal(altered, origin)).toMatch(
      /must match its checksum sha256 .* it is damaged or was altered/,
    );
  });

  it.each(["", "5", "[1,2]", "[-1]", "[7.5]", "[8]", '["a"]'])("refuses %j for its last token", (waiting) => {
    const { origin } = of();
    const file = forged(of(), ({ metadata }) => {
      metadata["waiting"] = waiting;
    });
    expect(refusal(file, origin)).toBe("its last token must be an id from 0 to 7");
  });

  it.each(["-5", "abc", "1.5", "", "1e3", "9007199254740992"])("refuses %j for its tokens", (tokens) => {
    const { origin } = of();
    const file = forged(of(), ({ metadata }) => {
      metadata["tokens"] = tokens;
    });
    expect(refusal(file, origin)).toBe(
      `its tokens must be an integer from 0 to 9007199254740991, got "${tokens}"`,
    );
  });

  it("tells all tensors that are missing, left over or misshapen at once", () => {
    const { origin } = of();
    const file = forged(of(), ({ tensors }) => {
      tensors.delete("recent.0");
      tensors.delete("longTerm.1.attended");
      tensors.set("extra", Float32Array.of(1));
      tensors.set("more", Float32Array.of(1));
      tensors.get("longTerm.0.segments")?.set([1.5]);
      tensors.set("longTerm.1.segments", Float32Array.of(1, 2));
      tensors.get("current.1")?.set([Number.NaN], 2);
    });
    expect(refusal(file, origin)).toBe(
      [
        "has no recent.0",
        "current.1 holds a number that is not finite",
        "longTerm.0.segments holds 1.5, which no memory holds there",
        "longTerm.1.segments must be F32 [1], got F32 [2]",
        "has no longTerm.1.attended",
        "has extra, which this model does not know",
        "has more, which this model does not know",
      ].join("; "),
    );
    const many = forged(of(), ({ tensors }) => {
      for (let i = 0; i < 103; i++) tensors.set(`extra.${i}`, Float32Array.of(1));
    });
    expect(refusal(many, origin)).toMatch(/extra\.99, which this model does not know; and 3 more$/);
  });

  it("refuses what no memory holds, even under a checksum that fits", () => {
    const { origin } = of();
    const changes: [string, RegExp, (tensors: Map<string, Float32Array>) => void][] = [
      ["a tensor that is missing", /^has no longTerm.1.attended/, (t) => t.delete("longTerm.1.attended")],
      ["one more tensor", /^has extra, which/, (t) => t.set("extra", Float32Array.of(1))],
      [
        "a number that is not finite",
        /^recent.0 holds a number/,
        (t) => t.get("recent.0")?.set([Number.NaN], 2),
      ],
      [
        "negative attention",
        /^longTerm.0.attended holds -1/,
        (t) => t.get("longTerm.0.attended")?.set([-1], 3),
      ],
      ["half a segment", /^longTerm.0.segments holds 1.5/, (t) => t.get("longTerm.0.segments")?.set([1.5])],
      ["more rows than there are", /^filled holds 99/, (t) => t.get("filled")?.set([99])],
    ];
    for (const [what, message, change] of changes) {
      expect(
        refusal(
          forged(of(), ({ tensors }) => change(tensors)),
          origin,
        ),
        what,
      ).toMatch(message);
    }
    expect(
      refusal(
        forged(of(), () => undefined),
        origin,
      ),
    ).toBe("none");
  });
});
