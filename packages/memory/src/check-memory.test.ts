import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { config, empty, model, random } from "../test/oracle.js";
import {
  absorb,
  createMemoryPlan,
  evaluate,
  fork,
  type LongTermMemory,
  merge,
  recordAttention,
  resetRows,
  toBytes,
} from "./index.js";

const sticky = { ...config, sampling: "sticky", stickyBins: 8 } as const;
const plan = createMemoryPlan(config);
const stickyPlan = createMemoryPlan(sticky);
beforeAll(() => {
  for (const own of [plan, stickyPlan]) {
    own.update(10);
    own.merge();
  }
});
afterAll(() => {
  plan.dispose();
  stickyPlan.dispose();
});

/** Memories of two rows that are not of `config`, and what is said of the tensor at fault. */
const foreign: [
  what: string,
  message: string,
  code: string,
  change: (own: LongTermMemory) => LongTermMemory,
][] = [
  [
    "another number of basis functions",
    "coefficients must have shape [batch, basis = 16, model], got [2, 12, 3]",
    "ERR_SHAPE",
    (own) => ({ ...own, coefficients: tf.zeros([2, 12, 3]) }),
  ],
  [
    "coefficients without a batch axis",
    "coefficients must have shape [batch, basis = 16, model], got [16, 3]",
    "ERR_SHAPE",
    (own) => ({ ...own, coefficients: tf.zeros([16, 3]) as unknown as tf.Tensor3D }),
  ],
  [
    "coefficients of another type",
    "coefficients must be float32, got int32",
    "ERR_SHAPE",
    (own) => ({ ...own, coefficients: tf.cast(own.coefficients, "int32") }),
  ],
  [
    "counts of another batch",
    "segments must have shape [batch = 2], got [3]",
    "ERR_SHAPE",
    (own) => ({ ...own, segments: tf.zeros([3]) }),
  ],
  [
    "counts of another type",
    "segments must be float32, got int32",
    "ERR_SHAPE",
    (own) => ({ ...own, segments: tf.cast(own.segments, "int32") }),
  ],
  [
    "attention mass where sampling is uniform",
    "attended must be left out where sampling is uniform",
    "ERR_CONFIG",
    (own) => ({ ...own, attended: tf.zeros([2, 8]) }),
  ],
];
const foreignSticky: typeof foreign = [
  [
    "no attention mass where sampling is sticky",
    "attended must be given where sampling is sticky",
    "ERR_CONFIG",
    ({ coefficients, segments }) => ({ coefficients, segments }),
  ],
  [
    "attention mass in other bins",
    "attended must have shape [batch = 2, stickyBins = 8], got [2, 9]",
    "ERR_SHAPE",
    (own) => ({ ...own, attended: tf.zeros([2, 9]) }),
  ],
  [
    "attention mass of another type",
    "attended must be float32, got int32",
    "ERR_SHAPE",
    (own) => ({ ...own, attended: tf.zeros([2, 8], "int32") }),
  ],
];

/** Every way into the package that takes a memory and a plan, and the name of the memory there. */
const entries: [fn: string, path: string, call: (memory: LongTermMemory, own: typeof plan) => unknown][] = [
  [
    "absorb",
    "past",
    (memory, own) => {
      const positions = own === stickyPlan ? { positions: tf.zeros<tf.Rank.R2>([2, 40]) } : {};
      return absorb(own, memory, random([2, 10, model]), positions);
    },
  ],
  ["evaluate", "memory", (memory, own) => evaluate(own, memory, [0.5])],
  ["merge", "older", (memory, own) => merge(own, memory, empty(2, own === stickyPlan ? 8 : undefined))],
  ["merge", "newer", (memory, own) => merge(own, empty(2, own === stickyPlan ? 8 : undefined), memory)],
  ["toBytes", "memory", (memory, own) => toBytes(own.config, memory)],
];

/** What a call gives or throws; every tensor made on the way is freed. */
async function outcome(call: () => unknown): Promise<unknown> {
  tf.engine().startScope();
  try {
    return await call();
  } catch (error) {
    return error;
  } finally {
    tf.engine().endScope();
  }
}

async function faultOf(call: () => unknown): Promise<{ message: string; code: string; path?: string }> {
  const fault = await outcome(call);
  expect(fault).toBeInstanceOf(Error);
  return fault as Error & { code: string };
}

describe.each(entries)("%s given a memory that does not fit, as %s", (fn, path, call) => {
  const cases = [
    ...foreign.map((one) => [...one, plan, undefined] as const),
    ...foreignSticky.map((one) => [...one, stickyPlan, 8] as const),
  ];
  it.each(cases)("refuses %s", async (_, message, code, change, own, bins) => {
    const fault = await faultOf(() => call(change(empty(2, bins)), own));
    // A merge knows the sizes of the first memory when it looks at the second.
    const known =
      path === "newer"
        ? message.replace("[batch, basis = 16, model]", "[batch = 2, basis = 16, model = 3]")
        : message;
    expect(fault.message).toBe(`${fn}: ${path}.${known}`);
    expect(fault.code).toBe(code);
    if (code === "ERR_CONFIG") expect(fault.path).toBe(`${path}.attended`);
  });

  it("takes one that fits", async () => {
    for (const own of [plan, stickyPlan]) {
      const got = await outcome(() => call(empty(2, own === stickyPlan ? 8 : undefined), own));
      expect(got).not.toBeInstanceOf(Error);
    }
  });
});

describe("other arguments that do not fit", () => {
  const cases: [message: string, call: () => unknown][] = [
    [
      "absorb: segment must have shape [batch = 2, length, model = 3], got [2, 10, 4]",
      () => absorb(plan, empty(2), random([2, 10, 4])),
    ],
    [
      "absorb: segment must be float32, got int32",
      () => absorb(plan, empty(2), tf.zeros([2, 10, 3], "int32")),
    ],
    [
      "absorb: active must have shape [batch = 2], got [3]",
      () => absorb(plan, empty(2), random([2, 10, 3]), { active: tf.ones([3]) }),
    ],
    [
      "absorb: positions must be left out where sampling is uniform",
      () => absorb(plan, empty(2), random([2, 10, 3]), { positions: tf.zeros([2, 40]) }),
    ],
    [
      "absorb: positions must be float32, got int32",
      () => absorb(stickyPlan, empty(2, 8), random([2, 10, 3]), { positions: tf.zeros([2, 40], "int32") }),
    ],
    [
      "resetRows: memory.coefficients must have shape [batch, basis, model], got [16, 3]",
      () =>
        resetRows({ ...empty(2), coefficients: tf.zeros([16, 3]) as unknown as tf.Tensor3D }, tf.ones([2])),
    ],
    [
      "resetRows: memory.segments must have shape [batch = 2], got [1]",
      () => resetRows({ ...empty(2), segments: tf.zeros([1]) }, tf.ones([2])),
    ],
    ["resetRows: ended must have shape [batch = 2], got [1]", () => resetRows(empty(2), tf.ones([1]))],
    [
      "fork: memory.attended must have shape [batch = 2, bins], got [3, 8]",
      () => fork({ ...empty(2), attended: tf.zeros([3, 8]) }),
    ],
    [
      "recordAttention: mean must have shape [batch = 2, heads, queries], got [1, 2, 3]",
      () => recordAttention(empty(2, 8), { mean: tf.zeros([1, 2, 3]), variance: tf.ones([1, 2, 3]) }),
    ],
  ];
  it.each(cases)("%s", async (message, call) => {
    const fault = await faultOf(call);
    expect(fault.message).toBe(message);
    expect(["ERR_SHAPE", "ERR_CONFIG"]).toContain(fault.code);
  });
});
