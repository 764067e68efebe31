// Figures as people type and copy them, 1,234.5 or 1.234,5, read into the one way the server takes them: 1234.5.
import { isNumber } from "./numbers.js";

const NOTHING = new Set(["", "-", "–", "—", "n/a", "#N/A", "."]);

/** The decimal sign of the reader's own language. */
export function pointOf(language = navigator.language) {
  const part = new Intl.NumberFormat(language).formatToParts(1.5).find((one) => one.type === "decimal");
  return part?.value === "," ? "," : ".";
}

/** Grouped by threes with the given sign, as 1,234,567: then the sign groups and does not divide. */
function isGrouped(text, sign) {
  const parts = text.split(sign);
  return parts.length > 1 && /^\d{1,3}$/.test(parts[0]) && parts.slice(1).every((one) => /^\d{3}$/.test(one));
}

function decimal(text, point) {
  const other = point === "," ? "." : ",";
  const [hasPoint, hasOther] = [text.includes(point), text.includes(other)];
  if (hasOther && hasPoint) {
    // the last one divides; where that is not the reader's own sign, the figure is still plain
    const divides = text.lastIndexOf(point) > text.lastIndexOf(other) ? point : other;
    const groups = divides === point ? other : point;
    const [whole, part] = [text.slice(0, text.lastIndexOf(divides)), text.slice(text.lastIndexOf(divides) + 1)];
    return isGrouped(whole, groups) ? `${whole.replaceAll(groups, "")}.${part}` : null;
  }
  if (hasOther) return isGrouped(text, other) ? text.replaceAll(other, "") : text.split(other).length === 2 ? text.replace(other, ".") : null;
  if (hasPoint && text.split(point).length > 2) return isGrouped(text, point) ? text.replaceAll(point, "") : null;
  return text.replace(point, ".");
}

/** The figure as the server takes it, "" for none, or null when it is none. A per cent stays one where the KPI is in %. */
export function read(text, point, uom = "") {
  let plain = text.trim().replace(/[\u2212\u2012]/g, "-").replace(/[\s\u00a0\u202f'’]/g, "").replace(/\p{Sc}/gu, "");
  if (NOTHING.has(plain)) return "";
  if (/^\(.*\)$/.test(plain)) plain = `-${plain.slice(1, -1)}`;
  const isPercent = plain.endsWith("%");
  if (isPercent) plain = plain.slice(0, -1);
  const sign = /^[+-]/.test(plain) ? plain[0].replace("+", "") : "";
  const found = decimal(plain.replace(/^[+-]/, ""), point);
  if (found === null || !isNumber(found)) return null;
  const value = sign + found;
  return isPercent && !uom.trim().startsWith("%") ? `${value}%` : value;
}

/** A range such as 10–20, each end read as a figure. */
export function readRange(text, point, uom) {
  if (text.trim() === "") return "";
  const ends = text.split(/\s*(?:–|—|\.\.|;|\bto\b|(?<=\d)\s*-\s*(?=[\d.,]))\s*/);
  const read_ = ends.map((one) => read(one, point, uom));
  return ends.length === 2 && read_.every((one) => one) ? read_.join("–") : null;
}

/** Marks a field whose text is no number; the text stays as typed. */
export function mark(input) {
  const wrong = input.dataset.number !== undefined && read(input.value, pointOf()) === null;
  if (wrong) input.setAttribute("aria-invalid", "true");
  else if (input.dataset.markedHere !== undefined) input.removeAttribute("aria-invalid");
  if (wrong) input.dataset.markedHere = "";
  else delete input.dataset.markedHere;
}
