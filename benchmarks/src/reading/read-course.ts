import { stat } from "node:fs/promises";
import { memory } from "@tensorflow/tfjs-core";
import { Runner, type RunnerOptions } from "infinite-former/node";

/** What reading was like up to some place of a document. */
export interface Station {
  readonly bytes: number;
  /** A byte of the document, since the station before. */
  readonly secondsPerByte: number;
  readonly rssBytes: number;
  readonly tensors: number;
}

/** How a document was read. */
export interface ReadCourse {
  readonly bytes: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly course: readonly Station[];
}

/**
 * Reads a document into a model's memory and notes, at even distances, time a
 * byte, resident memory and tensors.
 *
 * @param run directory of a trained model.
 */
export async function readCourse(
  run: string,
  document: string,
  stations: number,
  options: RunnerOptions,
): Promise<ReadCourse> {
  using runner = await Runner.open(run, options);
  const { size } = await stat(document);
  const course: Station[] = [];
  const start = performance.now();
  let [last, lastBytes] = [start, 0];
  const onProgress = (bytes: number): void => {
    if (bytes < (size * (course.length + 1)) / stations) return;
    const now = performance.now();
    course.push({
      bytes,
      secondsPerByte: (now - last) / 1000 / (bytes - lastBytes),
      rssBytes: process.memoryUsage.rss(),
      tensors: memory().numTensors,
    });
    [last, lastBytes] = [now, bytes];
  };
  await runner.readFile(document, { onProgress });
  return { bytes: size, tokens: runner.tokens, seconds: (performance.now() - start) / 1000, course };
}
