import { disposeTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, NonFiniteError } from "./errors.js";
import { nonFiniteCause } from "./non-finite-cause.js";
import { assertSchedule, learningRateAt, type ScheduleConfig } from "./schedule.js";
import { createTrainStep, type StepResult, type StepTask, stepSeed, type TrainStep } from "./step.js";

/** Everything that changes from step to step. */
export interface TrainingTrees<P extends object, O extends object, M extends object> {
  readonly params: P;
  readonly optimizer: O;
  readonly state: M;
}

/** The data of one step. */
export interface StepBatch<B extends object> {
  /** Tree of tensors; the loop takes it over and disposes it. */
  readonly tensors: B;
  /** Tokens that count in the loss. */
  readonly tokens: number;
}

/** Where a run stands. */
export interface TrainingProgress {
  /** Steps done. */
  readonly step: number;
  /** Tokens trained on. */
  readonly tokens: number;
  /** Seconds spent in steps. */
  readonly seconds: number;
}

/** What the loop says after each step. */
export interface StepReport extends TrainingProgress {
  /** Loss of this step. */
  readonly loss: number;
  /** Global norm of the gradients before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Rate of this step alone. */
  readonly tokensPerSecond: number;
  /** Whether the update was left out because of NaN or infinity. */
  readonly skipped: boolean;
}

/** A function that turns a pure function over trees into a faster one, like `compile` of the native backend. */
export type Compile = <A extends readonly unknown[], R>(fn: (...args: A) => R) => (...args: A) => R;

export interface TrainingLoopConfig<P extends object, O extends object, M extends object, B extends object> {
  readonly task: StepTask<P, O, M, B>;
  /** Where to start; the loop takes the tensors over. */
  readonly initial: TrainingTrees<P, O, M>;
  /** The data of a step, by its number from 0. */
  readonly batch: (step: number) => StepBatch<B> | Promise<StepBatch<B>>;
  readonly schedule: ScheduleConfig;
  /** Stop when this many steps are done, counting those before a resume. */
  readonly steps: number;
  /** Seed of dropout: each step derives its own from it. */
  readonly seed: number;
  /** Where a resumed run stood; a new run by default. */
  readonly progress?: TrainingProgress;
  readonly compile?: Compile;
  /** Stops after the step that is running. */
  readonly signal?: AbortSignal;
  /** How many steps with NaN or infinity may be left out before the loop gives up; 0 by default. */
  readonly skipNonFinite?: number;
}

/**
 * A training run: iterate over it to train. It owns every tensor of the run
 * and holds exactly one set of trees between steps.
 *
 * `for await (const report of loop)` does one step per turn and can be left
 * (`break`) and entered again. Between turns `trees` may be read, saved or
 * evaluated, and must not be disposed. `using loop = …` or `dispose()` ends it.
 */
export class TrainingLoop<P extends object, O extends object, M extends object, B extends object>
  implements AsyncIterable<StepReport>, Disposable
{
  readonly #config: TrainingLoopConfig<P, O, M, B>;
  readonly #step: TrainStep<P, O, M, B>;
  #trees: TrainingTrees<P, O, M>;
  #progress: TrainingProgress;
  #skips = 0;
  #lastPause = 0;
  #disposed = false;

  /** @throws {ConfigError} `ERR_CONFIG` for a schedule, step count or seed out of range. */
  constructor(config: TrainingLoopConfig<P, O, M, B>) {
    const { steps, seed, schedule, compile = (fn) => fn, task } = config;
    assertSchedule(schedule);
    for (const [path, value] of Object.entries({ steps, seed, skipNonFinite: config.skipNonFinite ?? 0 })) {
      if (Number.isSafeInteger(value) && value >= 0) continue;
      throw new ConfigError(`TrainingLoop: ${path} must be an integer ≥ 0, got ${value}`, path);
    }
    this.#config = config;
    this.#step = compile(createTrainStep(task));
    this.#trees = config.initial;
    this.#progress = config.progress ?? { step: 0, tokens: 0, seconds: 0 };
  }

  /** Parameters, moments and state after the last step; borrowed, valid until the next one. */
  get trees(): TrainingTrees<P, O, M> {
    return this.#trees;
  }

  /** Where the run stands. */
  get progress(): TrainingProgress {
    return this.#progress;
  }

  /**
   * One report a step, until `steps` are done or the signal aborts.
   * @throws {NonFiniteError} `ERR_NON_FINITE` naming tensor and step; `trees`
   *   are then those before that step.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<StepReport, void, undefined> {
    const { steps, signal } = this.#config;
    while (this.#progress.step < steps && !signal?.aborted && !this.#disposed) {
      const report = await this.#advance();
      await this.#pause();
      yield report;
    }
  }

  /** Disposes all the run's tensors and the compiled step. Once is enough; more does no harm. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    disposeTree(this.#trees);
    const { dispose } = this.#step as { dispose?: () => void };
    dispose?.();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async #advance(): Promise<StepReport> {
    const { task, schedule, seed: runSeed } = this.#config;
    const began = performance.now();
    const { step } = this.#progress;
    const learningRate = learningRateAt(schedule, step);
    const { tensors: batch, tokens } = await this.#config.batch(step);
    const rate = tf.scalar(learningRate);
    const seed = stepSeed(runSeed, step);
    try {
      const { params, optimizer, state } = this.#trees;
      const result = this.#step(params, optimizer, state, batch, rate, seed);
      const numbers = await readNumbers(result);
      let skipped = false;
      if (numbers.finite) {
        disposeTree(this.#trees);
        this.#trees = { params: result.params, optimizer: result.optimizer, state: result.state };
      } else {
        disposeTree({ params: result.params, optimizer: result.optimizer, state: result.state });
        skipped = true;
        if (++this.#skips > (this.#config.skipNonFinite ?? 0)) {
          const path = await nonFiniteCause(task, { params, optimizer, state, batch, seed });
          throw new NonFiniteError(
            `TrainingLoop: ${path} must be finite, got NaN or infinity in step ${step + 1} (loss ${short(numbers.loss)}, ` +
              `learning rate ${short(learningRate)}): try a smaller learning rate`,
            path,
            step + 1,
          );
        }
      }
      const seconds = (performance.now() - began) / 1000;
      this.#progress = {
        step: step + 1,
        tokens: this.#progress.tokens + tokens,
        seconds: this.#progress.seconds + seconds,
      };
      const { loss, gradientNorm, metrics } = numbers;
      const tokensPerSecond = tokens / seconds;
      return { ...this.#progress, loss, gradientNorm, learningRate, metrics, tokensPerSecond, skipped };
    } finally {
      disposeTree([batch, rate, seed]);
    }
  }

  /** Lets signals and timers run, which a chain of resolved promises would not. */
  async #pause(): Promise<void> {
    const now = performance.now();
    if (now - this.#lastPause < 20) return;
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 0);
    });
    this.#lastPause = performance.now();
  }
}

/** A number to six digits, for a message. */
function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Reads and disposes a step's scalars. */
async function readNumbers({
  loss,
  gradientNorm,
  finite,
  metrics,
}: StepResult<object, object, object>): Promise<{
  loss: number;
  gradientNorm: number;
  finite: boolean;
  metrics: Record<string, number>;
}> {
  const names = Object.keys(metrics);
  const scalars = [loss, gradientNorm, finite, ...Object.values(metrics)];
  try {
    const values = (await Promise.all(scalars.map((scalar) => scalar.data()))).map((data) => data[0]!);
    const [lossValue, norm, flag, ...others] = values as [number, number, number, ...number[]];
    return {
      loss: lossValue,
      gradientNorm: norm,
      finite: flag === 1,
      metrics: Object.fromEntries(names.map((name, i) => [name, others[i]!])),
    };
  } finally {
    disposeTree(scalars);
  }
}
