// The ramp helper of a row of figures: from its first to its last value in even steps, or the first copied across.
// A row is any element with data-ramp-row; its buttons carry data-ramp="line" or data-ramp="copy" and start hidden.
import { fromScaled, mark, toScaled } from "./numbers.js";

function cells(row) {
  return Array.from(row.querySelectorAll("input[data-number]")).filter((input) => !input.disabled && !input.readOnly);
}

/** Even steps in ten-thousandths, each rounded on its own so that the last one is exact. */
export function line(first, last, count) {
  const steps = BigInt(count - 1);
  return Array.from({ length: count }, (_, index) => {
    const scaled = (last - first) * BigInt(index) * 2n;
    const half = scaled < 0n ? -steps : steps;
    return first + (scaled + half) / (2n * steps);
  });
}

function rounded(scaled, places) {
  const unit = 10n ** BigInt(4 - places);
  const half = scaled < 0n ? -unit / 2n : unit / 2n;
  return ((scaled + half) / unit) * unit;
}

function places(...texts) {
  return Math.max(...texts.map((text) => (text.trim().split(".")[1] || "").length));
}

function fill(inputs, values) {
  inputs.forEach((input, index) => {
    input.value = values[index];
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

function ramp(row, kind) {
  const inputs = cells(row);
  if (inputs.length < 2) return;
  const texts = [inputs[0].value, inputs.at(-1).value];
  if (kind === "copy") return fill(inputs, inputs.map(() => texts[0]));
  const ends = texts.map(toScaled);
  const missing = ends.indexOf(null);
  if (missing >= 0) return (missing ? inputs.at(-1) : inputs[0]).focus();
  const fine = Math.min(4, Math.max(1, places(...texts)));
  const values = line(...ends, inputs.length).map((value) => fromScaled(rounded(value, fine)));
  return fill(inputs, [texts[0], ...values.slice(1, -1), texts[1]]);
}

for (const row of document.querySelectorAll("[data-ramp-row]")) {
  for (const button of row.querySelectorAll("[data-ramp]")) {
    button.hidden = false;
    button.addEventListener("click", () => ramp(row, button.dataset.ramp));
  }
  row.addEventListener("input", (event) => mark(event.target));
}
