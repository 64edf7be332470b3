import {
  type ActiveBackend,
  type CommandCall,
  type CommonOptions,
  duration,
  forecast,
  type Io,
  listenForStops,
  notice,
  result,
  resultJson,
  savingCheckpoint,
  startProgress,
  stopCode,
  takeBackend,
  UsageError,
  withoutFunction,
} from "@infinite-former/command-line";
import { type FoundCheckpoint, findNewestCheckpoint } from "@infinite-former/training/node";
import { responsesOf } from "../data/responses.js";
import { originOf } from "../run/continuation.js";
import { openRunFolder } from "../run/open-run-folder.js";
import { checkpointsOf } from "../run/run-record.js";
import { folderOf, type TrainRequest } from "./plan-run.js";
import { beginRun, type PreparedRun, prepareNew, resumeRun, sizesOf } from "./prepare.js";
import { TrainingSession } from "./session.js";

/** Options of `dialogue train`. */
export type TrainOptions = CommonOptions & TrainRequest;

/** What `dialogue train --json` prints. */
export interface TrainOutcome {
  readonly run: string;
  readonly step: number;
  readonly steps: number;
  readonly finished: boolean;
  /** Of the last point of the learning curve, nats a token; `null` before the first. */
  readonly loss: number | null;
  readonly seconds: number;
}

/** Steps at the beginning that compile: readings of first and later segments, and updates. */
const warmSteps = 3;

/**
 * `dialogue train`: fine-tunes one model on the responses of the training split.
 *
 * @returns 0 when all steps are done; 130 or 143 when stopped after saving.
 */
export async function trainCommand(call: CommandCall, options: TrainOptions): Promise<number> {
  const { io } = call;
  const resume = options.resume === true;
  const directory = folderOf(options, io.cwd);
  const asked = resume ? null : await prepareNew(call, options);
  const lock = await openRunFolder(directory, resume);
  const stops = listenForStops((signal) => {
    notice(io, `${signal}: finishing this step and saving; once more to end at once`);
  });
  try {
    const backend = await takeBackend(io, options.backend);
    const checkpoint = asked === null ? await newestCheckpoint(io, directory) : null;
    const run =
      asked === null
        ? await resumeRun(call, directory, options, checkpoint)
        : await beginRun(call, directory, asked, backend.report);
    const path = checkpoint?.path ?? null;
    const outcome = await train(call, directory, { ...run, checkpoint: path }, backend, stops.signal);
    tell(call, outcome, options);
    return outcome.finished ? 0 : stopCode(stops.signal);
  } finally {
    stops.dispose();
    await lock.release();
  }
}

/**
 * The newest whole checkpoint of a run; `null` where there is none yet.
 *
 * @throws {UsageError} `ERR_USAGE` where all are damaged: beginning anew would throw the run away unasked.
 */
async function newestCheckpoint(io: Io, directory: string): Promise<FoundCheckpoint["newest"]> {
  const checkpoints = checkpointsOf(directory);
  const { newest, passedOver } = await findNewestCheckpoint(checkpoints);
  for (const { path, reason } of passedOver) notice(io, `${path} is passed over: ${withoutFunction(reason)}`);
  if (newest === null && passedOver.length > 0) {
    throw new UsageError(
      `${directory}: has no whole checkpoint to go on from; remove ${checkpoints}, and --resume begins it anew from its config.json`,
    );
  }
  return newest;
}

async function train(
  { io }: CommandCall,
  directory: string,
  { record, data, coder, model, checkpoint }: PreparedRun & { readonly checkpoint: string | null },
  backend: ActiveBackend,
  signal: AbortSignal,
): Promise<TrainOutcome> {
  const { config, seed } = record;
  const { steps, checkpointEvery } = config.training;
  const responses = responsesOf(data, "train", coder, config.data);
  if (responses.length === 0) {
    throw new UsageError(
      `data.firstResponse: must leave a response in the training split, got ${config.data.firstResponse}`,
    );
  }
  const checkpoints = checkpointsOf(directory);
  const session = await TrainingSession.open({
    model,
    config,
    seed,
    origin: originOf(record),
    responses,
    sizes: sizesOf(record, coder),
    compile: backend.compile,
    signal,
    checkpoint,
  });
  try {
    const start = session.progress.step;
    const from =
      start >= steps
        ? `finished at step ${start}`
        : start > 0
          ? `going on from step ${start} of ${steps}`
          : `${steps} steps`;
    notice(io, `${directory}: ${record.model}, ${session.parameters} parameters, ${from}`);
    const progress = startProgress(io, { label: "train", unit: "steps", total: steps, done: start });
    let saved = start;
    const foretell = forecast(steps, warmSteps);
    for await (const { step, seconds } of session.steps()) {
      const line = foretell(step, seconds);
      if (line !== null) {
        progress.pause();
        notice(io, line);
      }
      const point = session.curve.points.at(-1);
      progress.update(step, point === undefined ? undefined : `loss ${point.loss.toFixed(3)}`);
      if (step % checkpointEvery === 0 || step === steps) {
        await savingCheckpoint(() => session.save(checkpoints));
        saved = step;
      }
    }
    progress.stop();
    const { step, seconds } = session.progress;
    if (step > saved || (step === 0 && start === 0)) await savingCheckpoint(() => session.save(checkpoints));
    const loss = session.curve.points.at(-1)?.loss ?? null;
    return { run: directory, step, steps, finished: step >= steps, loss, seconds };
  } finally {
    session.dispose();
  }
}

function tell({ io }: CommandCall, outcome: TrainOutcome, { json, data }: TrainOptions): void {
  const { run, step, steps, finished, loss, seconds } = outcome;
  if (json === true) {
    resultJson(io, outcome);
    return;
  }
  if (!finished) {
    const own = data === undefined ? "" : ` --data ${data}`;
    notice(io, `saved at step ${step} of ${steps}; go on with --resume --out ${run}${own}`);
    return;
  }
  const curve = loss === null ? "" : `, loss ${loss.toFixed(4)} nats a token`;
  result(io, `${run}: trained ${step} steps in ${duration(seconds)}${curve}`);
}
