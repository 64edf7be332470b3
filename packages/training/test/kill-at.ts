import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

/**
 * Kills this process right before its `count`-th file operation from now on:
 * a folder made, a file opened, written or flushed, a rename, a removal.
 */
export function killAt(count: number): void {
  let operations = 0;
  const tick = (): void => {
    if (++operations === count) process.kill(process.pid, "SIGKILL");
  };
  const { open } = fs;
  for (const name of ["mkdir", "rename", "rm"] as const) {
    const plain = fs[name] as (...args: unknown[]) => Promise<unknown>;
    Object.assign(fs, {
      [name]: (...args: unknown[]) => {
        tick();
        return plain(...args);
      },
    });
  }
  fs.open = async (...args) => {
    tick();
    const handle = await open(...args);
    for (const name of ["writeFile", "sync"] as const) {
      const plain = handle[name].bind(handle) as (...given: unknown[]) => Promise<void>;
      Object.assign(handle, {
        [name]: (...given: unknown[]) => {
          tick();
          return plain(...given);
        },
      });
    }
    return handle;
  };
  syncBuiltinESMExports();
}
