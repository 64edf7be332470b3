import { describe, expect, it } from "vitest";
import { splitAssignment, valueLike } from "./assignment.js";

describe("splitAssignment", () => {
  it("cuts at the first equals sign", () => {
    expect(splitAssignment(" data.text = a=b ")).toEqual({ path: "data.text", text: "a=b" });
  });

  it.each(["training.steps", "=3", ""])("has a fault to tell of %j", (assignment) => {
    expect(splitAssignment(assignment)).toMatchObject({
      path: "--set",
      message: expect.stringContaining("path=value"),
    });
  });
});

describe("valueLike", () => {
  it.each([
    ["3e-4", 1, 3e-4],
    ["7", "text", "7"],
    ["true", false, true],
    ["yes", false, "yes"],
    ["null", 4, null],
    ["4", null, 4],
    ["wide", null, "wide"],
    ["[0.1, 0.2]", [1], [0.1, 0.2]],
    ["0.1,x", [1], [0.1, "x"]],
    ["[]", [1], []],
    ["", 1, ""],
  ])("reads %j where %j stands as %j", (text, like, value) => {
    expect(valueLike(text, like)).toEqual(value);
  });
});
