// The keys of the editor, and what a click does; see the help dialog of the page for the list.
import { PARTS } from "./matrix-edit-model.js";
import { settle, writeName, writeNew, writeReason } from "./matrix-edit-write.js";
import { nameSomebody } from "./matrix-edit-owners.js";

const PART_KEYS = { 9: "responsible", 3: "supports", 1: "supports", 0: "none" };
const CYCLE = { 0: 9, 9: 3, 3: 1, 1: 0 };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const OUTWARDS = { north: "ArrowUp", south: "ArrowDown", west: "ArrowLeft", east: "ArrowRight" };

export function strengthen(desk, cell, wanted) {
  const { key: upper } = cell.upper;
  const { key: lower } = cell.lower;
  const link = desk.matrix.link(upper, lower);
  const strength = wanted ?? CYCLE[link?.strength ?? 0];
  if (strength === (link?.strength ?? 0)) return;
  desk.perform([{ do: "cell", upper, lower, strength, rationale: strength ? link?.rationale ?? "" : "" }]);
  desk.announce(desk.matrix.word(strength));
}

/** What somebody has to do with an item; without `wanted` the next one in turn. */
export function entrust(desk, cell, wanted) {
  const { matrix } = desk;
  const { item: { key: item }, person } = cell;
  const now = matrix.partOf(item, person);
  const turn = matrix.canSupport(item) ? ["none", "responsible", "supports"] : ["none", "responsible"];
  const part = wanted ?? turn[(turn.indexOf(now) + 1) % turn.length];
  if (part === now) return;
  if (part === "supports" && !matrix.canSupport(item)) { desk.announce("One person answers for a priority; who supports it stands with its actions."); return; }
  const before = matrix.view.parts.get(item)?.owner ?? null;
  desk.perform([{ do: "part", item, person, part }]);
  const moved = part === "responsible" && before !== null && before !== person ? `, no longer ${matrix.names.get(before) ?? "somebody else"}` : "";
  desk.announce(`${PARTS[part].word}${moved}`);
}

/** One place further out from the centre (1) or nearer to it (-1). */
export function reorder(desk, slot, way) {
  const { items } = desk.matrix.arms[slot.side];
  const there = slot.index + way;
  if (!slot.item?.own || !items[there]?.own) return;
  const after = way > 0 ? items[there].key : items[there - 1]?.key ?? "";
  desk.perform([{ do: "place", key: slot.item.key, after }]);
  desk.announce(`Place ${there + 1} of ${items.length}`);
}

function onCell(desk, cell, event) {
  const { key } = event;
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (key === "Enter") return desk.store.conflicts.has(cell.name) ? settle(desk, cell) : writeReason(desk, cell);
  if (!isPlain) return false;
  if (key === " ") return strengthen(desk, cell);
  if (["9", "3", "1", "0"].includes(key)) return strengthen(desk, cell, Number(key));
  if (key === "Delete" || key === "Backspace") return strengthen(desk, cell, 0);
  return false;
}

function onPart(desk, cell, event) {
  const { key } = event;
  if (key === "Enter" && desk.store.conflicts.has(cell.name)) return settle(desk, cell);
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (key === "+" || key === "Insert") return nameSomebody(desk, cell);
  if (key === " " || key === "Enter") return entrust(desk, cell);
  if (key in PART_KEYS) return entrust(desk, cell, PART_KEYS[key]);
  if (key === "Delete" || key === "Backspace") return entrust(desk, cell, "none");
  return false;
}

function onOwner(desk, cell, { key }) {
  const asks = key === "+" || key === "Insert" || (cell.type === "somebody" && (key === "Enter" || key === " "));
  return asks ? nameSomebody(desk, cell) : false;
}

const OWN = { cell: onCell, slot: onSlot, part: onPart, owner: onOwner, somebody: onOwner };

function onSlot(desk, slot, event) {
  const { key } = event;
  if (event.altKey && key in ARROWS) return turnOver(desk, slot, key);
  if (key === "+" || key === "Insert" || (key === "Enter" && !slot.item)) return writeNew(desk, slot);
  if (key === "F2" || key === "Enter") return slot.item ? writeName(desk, slot) : false;
  return false;
}

function turnOver(desk, slot, key) {
  const out = OUTWARDS[slot.side];
  const back = { ArrowUp: "ArrowDown", ArrowDown: "ArrowUp", ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" }[out];
  if (slot.item && key === out) return reorder(desk, slot, 1);
  return slot.item && key === back ? reorder(desk, slot, -1) : false;
}

function anywhere(desk, event) {
  const { key } = event;
  const { drawing } = desk;
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && key.toLowerCase() === "z") return event.shiftKey ? desk.redo() : desk.undo();
  if (isCommand && key.toLowerCase() === "y") return desk.redo();
  if (key in ARROWS && !event.altKey && !isCommand) return drawing.move(drawing.step(...ARROWS[key]));
  if (key === "Home" || key === "End") return drawing.move(edge(drawing, key === "End" ? 1 : -1, isCommand));
  if (key === "?") return desk.help();
  return false;
}

/** The end of the row; with Ctrl the first or the last cell of all. */
function edge(drawing, way, isWhole) {
  const cells = isWhole ? drawing.all : drawing.all.filter((one) => one.at.y === drawing.current.at.y);
  return cells.at(way > 0 ? -1 : 0);
}

export function listen(desk) {
  const { drawing } = desk;
  drawing.svg.addEventListener("keydown", (event) => {
    const cell = drawing.current;
    if (!cell || !drawing.grid.contains(event.target) || event.isComposing) return;
    const own = OWN[cell.type] ?? (() => false);
    if (own(desk, cell, event) === false && anywhere(desk, event) === false) return;
    event.preventDefault();
  });
  // not on the drawing itself: Chromium makes a stop of the Tab key of whatever in an SVG listens to the focus
  desk.root.addEventListener("focusin", (event) => {
    if (!drawing.grid.contains(event.target)) return;
    const cell = event.target.closest("[role]")?.cell;
    if (!cell || cell === drawing.current) return;
    drawing.move(cell, false);
    cell.g.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  drawing.svg.addEventListener("click", (event) => {
    const cell = event.target.closest("[role=gridcell], [role=rowheader], [role=columnheader]")?.cell;
    if (!cell) return;
    drawing.move(cell);
    if (cell.type === "somebody") nameSomebody(desk, cell);
    if (cell.type !== "cell" && cell.type !== "part") return;
    if (desk.store.conflicts.has(cell.name)) settle(desk, cell);
    else if (cell.type === "part") entrust(desk, cell);
    else strengthen(desk, cell);
  });
  drawing.svg.addEventListener("dblclick", (event) => {
    const cell = event.target.closest("[role=rowheader], [role=columnheader], [data-side]")?.cell;
    if (cell?.type === "slot") onSlot(desk, cell, { key: "Enter" });
  });
}
