import { join } from "node:path";
import { testBackends } from "@infinite-former/tooling-vitest";
import { describe, expect, it } from "vitest";
import { cli, lossStream, smallRun, temporaryFolder, textFile } from "./harness.js";

const forms = [
  { density: "truncated-parabola", densityFrom: "affine", affineBias: true },
  { density: "truncated-parabola", densityFrom: "moments", affineBias: false },
  { density: "gaussian", densityFrom: "moments", affineBias: false },
];

type Form = (typeof forms)[number];

/** Losses of the first steps: on native TensorFlow those of a compiled graph. */
async function losses(backend: string, form: Form): Promise<number[]> {
  const folder = await temporaryFolder();
  const settings = {
    ...Object.fromEntries(Object.entries(form).map(([field, value]) => [`model.${field}`, value])),
    "model.klWeight": 1e-3,
    "training.steps": 10,
    "training.logEvery": 1,
    "training.learningRate": 0.02,
  };
  const run = join(folder, "run");
  const args = ["train", "--preset", "tiny", "--out", run, ...smallRun(await textFile(folder), settings)];
  const { code, stderr } = await cli(args.map((arg, i) => (args[i - 1] === "--backend" ? backend : arg)));
  expect(code, stderr).toBe(0);
  const lines = (await lossStream(run)) as { split: string; loss: number }[];
  return lines.filter(({ split }) => split === "train").map(({ loss }) => loss);
}

describe.each(forms)("attention by $density from $densityFrom, biases $affineBias", (form) => {
  it("trains alike on every backend", async () => {
    const want = await losses("cpu", form);
    expect(want).toHaveLength(10);
    for (const backend of testBackends().filter((name) => name !== "cpu")) {
      const got = await losses(backend, form);
      got.forEach((loss, i) => {
        expect(Math.abs(loss - (want[i] as number)), `${backend}, step ${i + 1}`).toBeLessThan(2e-4);
      });
    }
  });
});

it("reads another context by another density", async () => {
  const [parabola, gaussian] = [await losses("cpu", forms[1] as Form), await losses("cpu", forms[2] as Form)];
  expect(parabola[0]).toBeCloseTo(gaussian[0] as number, 10); // nothing remembered yet
  expect(parabola.at(-1)).not.toBeCloseTo(gaussian.at(-1) as number, 7);
});
