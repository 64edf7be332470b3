import { describe, expect, it } from "vitest";
import { withoutGreeting } from "./require-quietly.js";

describe("withoutGreeting", () => {
  const greeting = [
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n",
    "I0000 00:00:1795444266.086367   14357 port.cc:153] oneDNN custom operations are on.\n",
  ].join("");

  it("takes the greeting away", () => {
    expect(withoutGreeting(greeting)).toBe("");
  });

  it("keeps warnings, errors and what others print, in order and to the byte", () => {
    const rest = [
      "W0000 00:00:1.5 1 a.cc:1] careful\n",
      "another\n",
      "\n",
      "E0000 00:00:1.5 1 a.cc:1] no end of line",
    ];
    const [warning, other, empty, error] = rest;
    expect(withoutGreeting(`${warning}${other}${greeting}${empty}${error}`)).toBe(rest.join(""));
  });
});
