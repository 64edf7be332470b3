import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { darkRules, pageColours } from "./palette.js";

/**
 * A plot as an SVG that stands by itself: with its own ground and font sizes,
 * light or dark by the reader's setting, the same bytes from the same options.
 *
 * @param title what it shows, for readers who cannot see it.
 */
export function plotSvg(title: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    document: document as never,
    style: { fontSize: "12px", color: pageColours.text.light, background: "none" },
    ...options,
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("fill", pageColours.text.light);
  svg.querySelector("style")?.remove();
  svg.removeAttribute("class");
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({
    width: "100%",
    height: "100%",
    fill: pageColours.ground.light,
  }))
    ground.setAttribute(name, value);
  const heading = document.createElementNS("http://www.w3.org/2000/svg", "title");
  heading.textContent = title;
  const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
  style.textContent = `\ntext, tspan { white-space: pre; }\n${darkRules}\n`;
  svg.prepend(heading, style, ground);
  return `${rounded(svg.outerHTML.replaceAll("currentColor", pageColours.text.light))}\n`;
}

/** Coordinates to a hundredth: the rest is noise of floating-point sums. */
function rounded(svg: string): string {
  return svg.replace(/-?\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))));
}
