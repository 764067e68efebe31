// Out of a spreadsheet: a column of titles becomes items of an arm, a block of signs becomes links, or parts in the
// owner grid. First a preview.
import { block } from "./grid-keys.js";
import { PARTS } from "./matrix-edit-model.js";
import { tidy } from "./matrix-edit-write.js";

const LONGEST_NAME = 500;
const FIXED = { "9": 9, "3": 3, "1": 1, "0": 0, "●": 9, "◉": 9, "◎": 9, "⬤": 9, "◐": 3, "◑": 3, "△": 1, "▲": 1, "∆": 1, "▵": 1 };
const RINGS = ["○", "◯", "o", "O", "〇"];
const CROSSES = ["x", "X", "×", "✕", "✗", "✓", "✔", "☒", "☑"];
const NOTHING = ["", "-", "–", "—", ".", "·"];

/** What each pasted title would become. */
export function readTitles(matrix, side, text) {
  const { kind } = matrix.arms[side];
  const known = new Set(matrix.view.items().filter((one) => matrix.armOf(one.key).kind === kind).map((one) => one.name));
  const seen = new Set();
  return block(text).map((row) => tidy(row.find((cell) => cell.trim()) ?? "")).filter(Boolean).map((name) => {
    const is = name.length > LONGEST_NAME ? "long" : known.has(name) ? "known" : seen.has(name) ? "twice" : "new";
    seen.add(name);
    return { name, is };
  });
}

/** What one pasted sign stands for: a strength, "x" for a cross, null for nothing, undefined for what is no sign. */
export function readSign(grades, text) {
  const sign = text.trim().replace(/\uFE0F/g, "");
  if (NOTHING.includes(sign)) return null;
  if (CROSSES.includes(sign)) return "x";
  if (RINGS.includes(sign)) return grades[1].shape === "ring" ? 1 : 3;
  return FIXED[sign] ?? { strong: 9, medium: 3, weak: 1 }[sign.toLowerCase()];
}

/** The links that a block would set from a cell on, to the right and down. */
export function readBlock(drawing, matrix, from, text) {
  const found = { cells: [], odd: [], beside: 0, hasCrosses: false };
  const byPlace = new Map(drawing.all.filter((one) => one.type === "cell").map((one) => [`${one.at.x} ${one.at.y}`, one]));
  block(text).forEach((row, dy) => row.forEach((sign, dx) => {
    const strength = readSign(matrix.grades, sign);
    if (strength === null) return;
    const cell = byPlace.get(`${from.at.x + dx} ${from.at.y + dy}`);
    const isInCorner = cell && Math.sign(cell.at.x) === Math.sign(from.at.x) && Math.sign(cell.at.y) === Math.sign(from.at.y);
    if (!isInCorner) { found.beside += 1; return; }
    if (strength === undefined) { found.odd.push(sign.trim().slice(0, 20)); return; }
    found.hasCrosses ||= strength === "x";
    found.cells.push({ cell, strength });
  }));
  return found;
}

const SAID = { new: "new draft", known: "there already, left alone", twice: "twice in this list, left out", long: `longer than ${LONGEST_NAME} characters, left out` };

function list(rows) {
  const table = document.createElement("table");
  table.className = "data-table";
  for (const texts of rows) {
    const row = table.insertRow();
    for (const text of texts) row.insertCell().textContent = text;
  }
  return table;
}

function ask({ title, said, body, extra = null, confirm, count }) {
  const dialog = document.querySelector("[data-matrix-preview]");
  dialog.querySelector("[data-title]").textContent = title;
  dialog.querySelector("[data-said]").textContent = said;
  dialog.querySelector("[data-body]").replaceChildren(...[extra, body].filter(Boolean));
  const go = dialog.querySelector("[value=go]");
  go.textContent = confirm;
  go.disabled = !count;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "go"), { once: true });
  });
}

async function pasteTitles(desk, slot, text) {
  const { drawing, matrix } = desk;
  const arm = matrix.arms[slot.side];
  const titles = readTitles(matrix, slot.side, text);
  const fresh = titles.filter((one) => one.is === "new");
  const others = titles.length - fresh.length;
  const isSure = await ask({
    title: `Paste ${titles.length} titles into ${arm.label}`,
    said: `${fresh.length} ${fresh.length === 1 ? "becomes a new draft" : "become new drafts"}${others ? `; ${others} ${others === 1 ? "does" : "do"} not` : ""}. One undo takes them all back.`,
    body: list(titles.map(({ name, is }) => [name.slice(0, 140), SAID[is]])),
    confirm: `Add ${fresh.length}`,
    count: fresh.length,
  });
  if (!isSure) { drawing.move(drawing.current); return; }
  const stamp = Date.now().toString(36) + Math.random().toString(36).slice(2, 6);
  let after = slot.item?.key ?? "";
  const changes = fresh.map(({ name }, index) => {
    const change = { do: "add", key: `new:${stamp}.${index}`, kind: arm.kind, kpiKind: arm.kpiKind, name, after };
    after = change.key;
    return change;
  });
  desk.perform(changes);
  drawing.move(drawing.find({ slot: after, side: slot.side }));
  desk.announce(`${changes.length} items added`);
}

/** What a cross (x) stands for is asked once: value and words of each choice. */
function crosses(asked, choices, usual) {
  const group = document.createElement("fieldset");
  group.className = "matrix-choice";
  const legend = document.createElement("legend");
  legend.textContent = asked;
  group.append(legend);
  for (const [value, words] of choices) {
    const label = document.createElement("label");
    const radio = document.createElement("input");
    Object.assign(radio, { type: "radio", name: "cross", value, checked: value === usual });
    label.append(radio, ` ${words}`);
    group.append(label);
  }
  return group;
}

async function pasteBlock(desk, cell, text) {
  const { drawing, matrix } = desk;
  const found = readBlock(drawing, matrix, cell, text);
  const now = ({ upper, lower }) => matrix.link(upper.key, lower.key);
  const said = [`${found.cells.length} cells from here to the right and down.`];
  if (found.beside) said.push(`${found.beside} fall outside this corner and are left out.`);
  if (found.odd.length) said.push(`Not understood and left out: ${[...new Set(found.odd)].slice(0, 8).join(", ")}.`);
  said.push("One undo takes it all back.");
  const extra = found.hasCrosses ? crosses("How strong is a cross (x)?", [9, 3, 1].map((points) => [points, `${matrix.glyph(points)} ${matrix.word(points)}`]), 3) : null;
  const isSure = await ask({
    title: "Paste links",
    said: said.join(" "),
    extra,
    body: list(found.cells.map((one) => [
      `${one.cell.lower.name.slice(0, 70)} × ${one.cell.upper.name.slice(0, 70)}`,
      one.strength === "x" ? "x" : `${matrix.glyph(one.strength)} ${matrix.word(one.strength)}`,
      now(one.cell) ? `now ${matrix.word(now(one.cell).strength)}` : "new",
    ])),
    confirm: `Set ${found.cells.length} ${found.cells.length === 1 ? "link" : "links"}`,
    count: found.cells.length,
  });
  if (isSure) {
    const cross = Number(extra?.querySelector("input:checked").value ?? 3);
    const changes = found.cells.map((one) => ({ link: now(one.cell), cell: one.cell, strength: one.strength === "x" ? cross : one.strength }));
    desk.perform(changes.filter((one) => one.strength !== (one.link?.strength ?? 0)).map((one) => ({
      do: "cell", upper: one.cell.upper.key, lower: one.cell.lower.key, strength: one.strength, rationale: one.strength ? one.link?.rationale ?? "" : "",
    })));
    desk.announce(`${changes.length} links set`);
  }
  drawing.move(drawing.current);
}

/** What one pasted sign says of a person: a part, "x" for a cross, null for nothing, undefined for what is no part. */
export function readPart(text) {
  const sign = text.trim().replace(/\uFE0F/g, "");
  if (NOTHING.includes(sign)) return null;
  if (CROSSES.includes(sign)) return "x";
  if (RINGS.includes(sign)) return "supports";
  if (FIXED[sign] === 9) return "responsible";
  return { 0: "none", 3: "supports", r: "responsible", s: "supports", responsible: "responsible", supports: "supports" }[sign.toLowerCase()];
}

/** The parts that a block names from a cell of the owner grid on, to the right and down, as far as its arm goes. */
export function readParts(drawing, from, text) {
  const found = { parts: [], odd: [], beside: 0, hasCrosses: false };
  const byPlace = new Map(drawing.all.filter((one) => one.type === "part").map((one) => [`${one.at.x} ${one.at.y}`, one]));
  block(text).forEach((row, dy) => row.forEach((sign, dx) => {
    const part = readPart(sign);
    if (part === null) return;
    const cell = byPlace.get(`${from.at.x + dx} ${from.at.y + dy}`);
    if (!cell || Math.sign(cell.at.y) !== Math.sign(from.at.y)) { found.beside += 1; return; }
    if (part === undefined) { found.odd.push(sign.trim().slice(0, 20)); return; }
    found.hasCrosses ||= part === "x";
    found.parts.push({ cell, part });
  }));
  return found;
}

/** What becomes of each: exactly one is responsible, only an action has several who support, a priority nobody. */
export function settleParts(matrix, parts, cross) {
  const taken = new Set();
  return parts.map(({ cell, part: sign }) => {
    const part = sign === "x" ? cross : sign;
    const { item: { key }, person } = cell;
    const isAlone = part === "responsible" || matrix.armOf(key).kind !== "action";
    const place = `${key} ${part}`;
    let is = matrix.partOf(key, person) === part ? "same" : "set";
    if (part === "supports" && !matrix.canSupport(key)) is = "never";
    else if (part !== "none" && isAlone && taken.has(place)) is = "twice";
    if (is !== "never") taken.add(place);
    return { cell, part, is };
  });
}

const PART_SAID = { same: "as it is", never: "nobody supports a priority: left out", twice: "there can be but one: left out" };
const ORDER = ["responsible", "none", "supports"];

async function pasteParts(desk, cell, text) {
  const { drawing, matrix } = desk;
  const found = readParts(drawing, cell, text);
  const said = [`${found.parts.length} cells from here to the right and down.`];
  if (found.beside) said.push(`${found.beside} fall outside the grid of this arm and are left out.`);
  if (found.odd.length) said.push(`Not understood and left out: ${[...new Set(found.odd)].slice(0, 8).join(", ")}.`);
  said.push("One undo takes it all back.");
  const words = (part) => `${PARTS[part].glyph} ${PARTS[part].word}`;
  const extra = found.hasCrosses ? crosses("What is a cross (x)?", ["responsible", "supports"].map((part) => [part, words(part)]), "supports") : null;
  const settled = () => settleParts(matrix, found.parts, extra?.querySelector("input:checked").value ?? "supports");
  const shown = () => list(settled().map((one) => [
    `${matrix.names.get(one.cell.person) ?? "somebody"}: ${one.cell.item.name.slice(0, 70)}`,
    words(one.part),
    PART_SAID[one.is] ?? `now ${PARTS[matrix.partOf(one.cell.item.key, one.cell.person)].word}`,
  ]));
  const body = document.createElement("div");
  body.append(shown());
  extra?.addEventListener("change", () => body.replaceChildren(shown()));
  const isSure = await ask({
    title: "Paste who answers and who supports", said: said.join(" "), extra, body,
    confirm: `Set ${found.parts.length} ${found.parts.length === 1 ? "part" : "parts"}`, count: found.parts.length,
  });
  if (isSure) {
    const changes = settled().filter((one) => one.is === "set").sort((a, b) => ORDER.indexOf(a.part) - ORDER.indexOf(b.part));
    desk.perform(changes.map((one) => ({ do: "part", item: one.cell.item.key, person: one.cell.person, part: one.part })));
    desk.announce(`${changes.length} ${changes.length === 1 ? "part" : "parts"} set`);
  }
  drawing.move(drawing.current);
}

export function paste(desk, text) {
  const cell = desk.drawing.current;
  if (!text.trim()) return;
  if (cell.type === "slot") pasteTitles(desk, cell, text);
  else if (cell.type === "cell") pasteBlock(desk, cell, text);
  else if (cell.type === "part") pasteParts(desk, cell, text);
  else desk.announce("Paste titles on an item or an empty arm, and signs on a cell of a corner or of the owner grid.");
}

export function listenToPaste(desk) {
  document.addEventListener("paste", (event) => {
    if (!desk.drawing.grid.contains(document.activeElement)) return;
    event.preventDefault();
    paste(desk, event.clipboardData.getData("text/plain"));
  });
}
