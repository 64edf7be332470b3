// A contender that does no work, and goes wrong in the way that its first argument names.
import { createInterface } from "node:readline";

const [manner = "well", seconds = "0.5"] = process.argv.slice(2);
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

if (manner === "missing") {
  process.stderr.write("ModuleNotFoundError: No module named 'torch'\n");
  process.exit(3);
}
if (manner === "garbage-first") process.stdout.write("Downloading model…\n");
if (manner !== "never-ready") {
  say({
    ready: true,
    firstStepSeconds: 0.25,
    parameters: 7,
    versions: { fake: 1, isa: process.env.ONEDNN_MAX_CPU_ISA },
  });
}
let turns = 0;
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "quit") break;
  const units = Number(line.split(" ")[1]);
  turns += 1;
  if (manner === "crash" && turns === 2) {
    process.stderr.write("Segmentation fault in the second run\n");
    process.exit(139);
  }
  if (manner === "garbage") process.stdout.write("epoch 1 of 10\n");
  else if (manner === "negative") say({ seconds: -1, units, loss: 1, peakRssBytes: 1 });
  else if (manner === "timeless") say({ seconds: 0, units, loss: 1, peakRssBytes: 1 });
  else if (manner === "other-units") say({ seconds: 1, units: units + 1, loss: 1, peakRssBytes: 1 });
  else if (manner !== "hangs")
    say({ seconds: Number(seconds) * units, units, loss: 2.5, peakRssBytes: 1000 + turns });
}
if (manner === "will-not-quit") setInterval(() => {}, 1000);
