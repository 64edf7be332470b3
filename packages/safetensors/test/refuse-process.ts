import { createReadStream, readFileSync, writeFileSync } from "node:fs";
import { decodeSafetensorsStream } from "../src/index.js";
import { openSafetensors, readSafetensors } from "../src/node.js";

// Reads each file named in the ways named first, and prints as JSON what it cost:
// the error's code, milliseconds of processor time, and how much more memory the
// process held at most than before the first file.
type Way = (path: string) => Promise<unknown>;
const ways: Readonly<Record<string, Way>> = {
  read: (path) => readSafetensors(path),
  open: (path) => openSafetensors(path),
  stream: async (path) => {
    for await (const _ of await decodeSafetensorsStream(createReadStream(path)));
  },
};

const results: object[] = [];
const held = resetPeak();
const [how = "", ...paths] = process.argv.slice(2);
for (const path of paths) {
  for (const way of how.split(",")) {
    resetPeak();
    const start = process.cpuUsage();
    const code = await (ways[way] as Way)(path).then(
      () => "read",
      (error: { code?: string }) => error.code ?? String(error),
    );
    const { user, system } = process.cpuUsage(start);
    results.push({ path, way, code, milliseconds: (user + system) / 1000, bytes: peak() - held });
  }
}
process.stdout.write(JSON.stringify(results));

/** @returns the memory held now, from which the peak starts again; where the system does not let it, the peak so far. */
function resetPeak(): number {
  globalThis.gc?.();
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // then the peak is that of the whole process
  }
  return peak();
}

function peak(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    if (line) return Number(line[1]) * 1024;
  } catch {
    // another system
  }
  return process.resourceUsage().maxRSS * 1024;
}
