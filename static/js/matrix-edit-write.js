// Writing on the matrix: why two items are linked, what an item is called, and which of two values a conflict keeps.
import { because } from "./matrix-edit-draw.js";
import { PARTS } from "./matrix-edit-model.js";
import { button, open, paragraph } from "./matrix-edit-popover.js";

const LONGEST_REASON = 2000;
const LONGEST_NAME = 500;

function field(kind, { value, label, most }) {
  const made = document.createElement(kind);
  made.value = value;
  made.maxLength = most;
  made.className = "form-control";
  made.setAttribute("aria-label", label);
  if (kind === "textarea") made.rows = 3;
  return made;
}

/** Asks why; `typed` is what an earlier page had in it. */
export function writeReason(desk, cell, typed = null) {
  const { drawing, matrix, store } = desk;
  const link = matrix.link(cell.upper.key, cell.lower.key);
  const area = field("textarea", { value: typed ?? link?.rationale ?? "", label: "Because", most: LONGEST_REASON });
  const { key: upper } = cell.upper;
  const { key: lower } = cell.lower;
  area.addEventListener("input", () => store.typing({ what: "reason", name: cell.name, text: area.value }));
  let strength = link?.strength ?? 0;
  const grades = [9, 3, 1].map((points) => {
    const one = button(`${matrix.glyph(points)} ${matrix.word(points)}`, () => { strength = points; press(); });
    one.dataset.points = points;
    return one;
  });
  const press = () => grades.forEach((one) => one.setAttribute("aria-pressed", String(Number(one.dataset.points) === strength)));
  press();
  const row = document.createElement("div");
  row.className = "btn-row";
  const save = button("Save", () => close(true), "btn-primary");
  row.append(...grades, save, button("Cancel", () => close(false)));
  const close = open({
    anchor: cell.g,
    label: cell.asked.text,
    nodes: [paragraph(cell.asked.text, "matrix-pop-title"), paragraph(`${cell.lower.name} × ${cell.upper.name}`, "item-meta"), area, row],
    first: area,
    keeps: true,
    done: (isSaved, isElsewhere) => {
      store.typing(null);
      const rationale = area.value.trim();
      const isChanged = rationale !== (link?.rationale ?? "") || strength !== (link?.strength ?? 0);
      if (isSaved && isChanged && (strength || rationale)) {
        desk.perform([{ do: "cell", upper, lower, strength: strength || 3, rationale }]);
      }
      if (!isElsewhere) drawing.move(drawing.byPair.get(cell.name));
    },
  });
}

/** Asks what an item is to be called. */
export function writeName(desk, slot, typed = null) {
  const { drawing, matrix, store } = desk;
  const { item, side } = slot;
  if (!item?.own) { desk.announce("This KPI is at home in another unit and is renamed there."); return; }
  const text = field("input", { value: typed ?? item.name, label: `Name of this ${matrix.arms[side].one}`, most: LONGEST_NAME });
  text.addEventListener("input", () => store.typing({ what: "name", key: item.key, text: text.value }));
  const said = paragraph("", "field-errors");
  open({
    anchor: slot.g,
    label: text.getAttribute("aria-label"),
    nodes: [paragraph(text.getAttribute("aria-label"), "matrix-pop-title"), text, said, paragraph("Enter saves, Escape keeps the old name.", "item-meta")],
    first: text,
    keeps: true,
    onEnter: () => { said.textContent = wrongName(matrix, side, text.value, item.key); return !said.textContent; },
    done: (isSaved, isElsewhere) => {
      store.typing(null);
      const name = tidy(text.value);
      if (isSaved && name !== item.name && !wrongName(matrix, side, name, item.key)) {
        desk.perform([{ do: "rename", key: item.key, name, was: item.name }]);
      }
      if (!isElsewhere) drawing.move(drawing.find({ slot: item.key, side }));
    },
  });
  text.select();
}

/** Asks for new items of an arm, one after the other, until an empty name or Escape. */
export function writeNew(desk, slot, typed = "") {
  const { drawing, matrix, store } = desk;
  const { side } = slot;
  const arm = matrix.arms[side];
  const text = field("input", { value: typed, label: `Name of the new ${arm.one}`, most: LONGEST_NAME });
  const said = paragraph("", "field-errors");
  let after = slot.item?.key ?? "";
  text.addEventListener("input", () => store.typing({ what: "new", side, key: after, text: text.value }));
  const add = () => {
    const name = tidy(text.value);
    const key = `new:${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
    store.typing(null);
    desk.perform([{ do: "add", key, kind: arm.kind, kpiKind: arm.kpiKind, name, after }]);
    after = key;
    text.value = "";
    drawing.move(drawing.find({ slot: key, side }), false);
    desk.announce(`Added ${arm.one} ${matrix.arms[side].items.length}: ${name}`);
  };
  open({
    anchor: slot.g,
    label: text.getAttribute("aria-label"),
    nodes: [paragraph(text.getAttribute("aria-label"), "matrix-pop-title"), text, said, paragraph("Enter adds it and goes on to the next; Escape when you are done.", "item-meta")],
    first: text,
    keeps: true,
    onEnter: () => {
      if (!tidy(text.value)) return true;
      said.textContent = wrongName(matrix, side, text.value);
      if (!said.textContent) add();
      return false;
    },
    done: (isSaved, isElsewhere) => {
      store.typing(null);
      if (isSaved && tidy(text.value) && !wrongName(matrix, side, text.value)) add();
      if (!isElsewhere) drawing.move(drawing.current);
    },
  });
}

export const tidy = (text) => text.normalize("NFC").trim().split(/\s+/).join(" ");

export function wrongName(matrix, side, text, key = "") {
  const name = tidy(text);
  if (!name) return "Please write a name.";
  if (name.length > LONGEST_NAME) return `At most ${LONGEST_NAME} characters.`;
  const twin = matrix.view.items().find((one) => one.name === name && one.key !== key && matrix.armOf(one.key).kind === matrix.arms[side].kind);
  return twin ? "There is one of that name already." : "";
}

/** Shows both values of a conflict and lets one be chosen. */
export function settle(desk, cell) {
  const { drawing, matrix, store } = desk;
  const { mine, theirs } = store.conflicts.get(cell.name);
  const isPart = cell.type === "part";
  const said = isPart ? (one) => partSaid(matrix, cell, one) : (one) => `${matrix.glyph(one.strength)} ${matrix.word(one.strength)}${because(one.rationale)}`;
  const who = `${theirs.who || "Somebody else"}${theirs.when ? `, ${theirs.when}` : ""}`;
  const choose = (isMine) => { close(true); store.choose(cell.name, isMine); };
  const row = document.createElement("div");
  row.className = "btn-row";
  row.append(button("Keep mine", () => choose(true), "btn-primary"), button("Take theirs", () => choose(false)));
  const close = open({
    anchor: cell.g,
    label: "Two people have changed this cell",
    nodes: [
      paragraph("Two people have changed this cell", "matrix-pop-title"),
      paragraph(isPart ? cell.item.name : `${cell.lower.name} × ${cell.upper.name}`, "item-meta"),
      paragraph(`Yours: ${said(mine)}`),
      paragraph(`${who}: ${said(theirs)}`),
      row,
    ],
    done: (_isSaved, isElsewhere) => { if (!isElsewhere) drawing.move(drawing.byPair.get(cell.name)); },
  });
}

/** One side of a conflict in the owner grid: my wish for one person, or how the whole item stands by now. */
function partSaid(matrix, cell, one) {
  const name = (person) => matrix.names.get(person) ?? "somebody";
  if (one.part) return `${PARTS[one.part].glyph} ${name(cell.person)}: ${PARTS[one.part].word}`;
  const parts = [one.owner === null ? "nobody is responsible" : `● ${name(one.owner)}`, ...one.supports.map((person) => `○ ${name(person)}`)];
  return parts.join(", ");
}
