/** How a package stands to TensorFlow.js: not at all, or through the one engine its user installs. */
export type Engine = "none" | "peer" | "application";

/** What one package may import. */
export interface Layer {
  /** Packages of this workspace it may import, by their name without the scope. */
  readonly imports: readonly string[];
  /** Packages of this workspace it loads only where they are installed, by a dynamic import. */
  readonly optional?: readonly string[];
  /**
   * `none`: no dependency on TensorFlow.js at all. `peer`: `@tensorflow/tfjs-core` is a peer, since
   * its engine is one global per process. `application`: it picks the one version.
   */
  readonly engine: Engine;
}

/**
 * Packages and the direction of dependency: who may import whom. The table is
 * the design; layers.test.ts holds every package.json against it. A change of
 * the design changes this table in the same commit.
 */
export const layers: Readonly<Record<string, Layer>> = {
  random: { imports: [], engine: "none" },
  signal: { imports: [], engine: "none" },
  safetensors: { imports: [], engine: "none" },
  datasets: { imports: ["random"], engine: "none" },
  metrics: { imports: [], engine: "none" },
  tensorflow: { imports: [], engine: "peer" },
  backend: { imports: [], optional: ["tensorflow"], engine: "peer" },
  "command-line": { imports: ["backend", "tensor", "tensorflow"], engine: "peer" },
  tensor: { imports: ["random"], engine: "peer" },
  attention: { imports: ["signal", "tensor", "random"], engine: "peer" },
  memory: { imports: ["signal", "tensor", "random", "safetensors"], engine: "peer" },
  transformer: { imports: ["attention", "memory", "tensor", "signal", "random"], engine: "peer" },
  gpt2: {
    imports: ["transformer", "attention", "memory", "tensor", "safetensors", "signal", "random"],
    engine: "peer",
  },
  training: { imports: ["tensor", "random", "safetensors"], engine: "peer" },
};

/** Names of published packages that are applications: nothing imports them. */
export const applications: readonly string[] = ["infinite-former"];

/** The scope of every package here but the applications. */
export const scope = "@infinite-former/";
