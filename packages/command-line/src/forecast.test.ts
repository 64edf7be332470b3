import { describe, expect, it } from "vitest";
import { forecast } from "./forecast.js";

describe("forecast", () => {
  it("leaves the first step out, and tells once", () => {
    const foretell = forecast(200_000);
    const told = [30, 50, 69.92, 500].map((seconds, index) => foretell(index + 1, seconds));
    expect(told).toEqual([null, null, "20 s a step, 46 d 4 h for 200000 steps", null]);
  });

  it("waits for two seconds, also where a run is resumed", () => {
    const foretell = forecast(3000);
    const told = [10, 10.5, 11, 11.5, 12].map((seconds, index) => foretell(501 + index, seconds));
    expect(told).toEqual([null, null, null, null, "0.50 s a step, 25 min 00 s for 3000 steps"]);
  });

  it("leaves out as many as it is told to", () => {
    const foretell = forecast(10, 3);
    const told = [60, 120, 180, 183, 186].map((seconds, index) => foretell(index + 1, seconds));
    expect(told).toEqual([null, null, null, null, "3.0 s a step, 30 s for 10 steps"]);
  });
});
