// The ramp helper of a row of figures: from its first to its last value in even steps, or the first copied across.
// A row is any element with data-ramp-row; its buttons carry data-ramp="line" or data-ramp="copy" and start hidden.
import { mark, pointOf, read } from "./locale-numbers.js";
import { fromScaled, toScaled } from "./numbers.js";

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

/** What stands there was written with a point; what was typed, as the reader writes. */
function plain(input) {
  return input.value === input.defaultValue ? input.value : read(input.value, pointOf()) ?? input.value;
}

/** A lone group of three behind a point would be read as thousands by who divides with a comma. */
function written(value) {
  return pointOf() === "," && /^-?\d{1,3}\.\d{3}$/.test(value) ? value.replace(".", ",") : value;
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
  if (kind === "copy") return fill(inputs, inputs.map(() => inputs[0].value));
  const texts = [plain(inputs[0]), plain(inputs.at(-1))];
  const ends = texts.map(toScaled);
  const missing = ends.indexOf(null);
  if (missing >= 0) return (missing ? inputs.at(-1) : inputs[0]).focus();
  const fine = Math.min(4, Math.max(1, places(...texts)));
  const values = line(...ends, inputs.length).map((value) => fromScaled(rounded(value, fine)));
  return fill(inputs, [inputs[0].value, ...values.slice(1, -1).map(written), inputs.at(-1).value]);
}

for (const row of document.querySelectorAll("[data-ramp-row]")) {
  for (const button of row.querySelectorAll("[data-ramp]")) {
    button.hidden = false;
    button.addEventListener("click", () => ramp(row, button.dataset.ramp));
  }
  row.addEventListener("input", (event) => mark(event.target));
}
