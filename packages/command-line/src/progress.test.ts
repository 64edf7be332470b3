import { describe, expect, it } from "vitest";
import { duration, startProgress } from "./progress.js";

function recorded(quietSeconds: number): {
  lines: string[];
  update: (done: number, remark?: string) => void;
} {
  const lines: string[] = [];
  const io = {
    stdout: { write: () => undefined },
    stderr: { write: (text: string) => lines.push(text) },
    interactive: false,
    env: {},
    cwd: "/",
  };
  const { update } = startProgress(io, { label: "read", unit: "pages", total: 10, done: 4, quietSeconds });
  return { lines, update };
}

describe("startProgress without a terminal", () => {
  it("says where the work stands, how fast it goes and what is known", () => {
    const { lines, update } = recorded(0);
    update(7, "chapter 2");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^read 7\/10 pages · \d+(\.\d+)? pages\/s, 0 s left · chapter 2\n$/);
  });

  it("keeps quiet between two lines, but not at the end", () => {
    const { lines, update } = recorded(1000);
    for (const done of [5, 6, 10]) update(done);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("read 10/10 pages");
  });

  it("tells the end once, however often it is told of it", () => {
    const { lines, update } = recorded(0);
    for (const done of [9, 10, 10]) update(done);
    expect(lines.map((line) => line.slice(0, 10))).toEqual(["read 9/10 ", "read 10/10"]);
  });
});

describe("duration", () => {
  it("is told in seconds, minutes, hours or days", () => {
    const told = [0.2, 59.4, 59.6, 185, 7810, 72 * 3600 - 1, 72 * 3600].map(duration);
    expect(told).toEqual(["0 s", "59 s", "1 min 00 s", "3 min 05 s", "2 h 10 min", "71 h 59 min", "3 d 0 h"]);
  });
});
