// A table with data-grid: arrows and Enter move between its inputs, a block copied from a spreadsheet fills
// the cells right and down. Without this script the table is a plain form.
import { mark } from "./locale-numbers.js";

const FIELDS = "input:not([type=hidden]):not([type=checkbox]), select";

function rows(grid) {
  return Array.from(grid.querySelectorAll("tbody tr"), (row) => Array.from(row.cells, (cell) => cell.querySelector(FIELDS)));
}

function place(table, field) {
  for (const [y, row] of table.entries()) {
    const x = row.indexOf(field);
    if (x >= 0) return { x, y };
  }
  return null;
}

function step(table, from, dx, dy) {
  let { x, y } = from;
  for (;;) {
    x += dx;
    y += dy;
    if (y < 0 || y >= table.length || x < 0 || x >= table[y].length) return null;
    const field = table[y][x];
    if (field && !field.disabled) return field;
  }
}

function atEdge(field, side) {
  if (field.tagName === "SELECT") return true;
  if (field.selectionStart === null) return true;
  const whole = field.selectionStart === 0 && field.selectionEnd === field.value.length;
  return whole || (side < 0 ? field.selectionEnd === 0 : field.selectionStart === field.value.length);
}

function direction(event) {
  const field = event.target;
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  const isSelect = field.tagName === "SELECT";
  if (event.key === "Enter") return [0, event.shiftKey ? -1 : 1];
  if (event.key === "ArrowUp" && !isSelect) return [0, -1];
  if (event.key === "ArrowDown" && !isSelect) return [0, 1];
  if (event.key === "ArrowLeft" && atEdge(field, -1)) return [-1, 0];
  if (event.key === "ArrowRight" && atEdge(field, 1)) return [1, 0];
  return null;
}

function onKey(grid, event) {
  if (!event.target.matches(FIELDS)) return;
  const way = direction(event);
  if (!way) return;
  event.preventDefault(); // Enter in a grid goes down; the form is sent by its button
  const table = rows(grid);
  const next = step(table, place(table, event.target), ...way);
  if (!next) return;
  next.focus();
  if (next.select) next.select();
}

/** The clipboard's block as rows of texts; quoted cells may hold tabs and line breaks. */
export function block(text) {
  const table = [[]];
  let cell = "";
  let quoted = false;
  const end = () => { table.at(-1).push(cell.trim()); cell = ""; };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (quoted && sign === '"' && text[at + 1] === '"') { cell += '"'; at += 1; }
    else if (sign === '"' && (quoted || cell === "")) quoted = !quoted;
    else if (!quoted && sign === "\t") end();
    else if (!quoted && sign === "\n") { end(); table.push([]); }
    else if (sign !== "\r") cell += sign;
  }
  end();
  if (table.length > 1 && table.at(-1).length === 1 && table.at(-1)[0] === "") table.pop();
  return table;
}

function put(field, text) {
  if (field.tagName === "SELECT") {
    const option = Array.from(field.options).find((o) => o.value === text || o.text.trim() === text);
    if (!option) return;
    field.value = option.value;
  } else field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function onPaste(grid, event) {
  const text = event.clipboardData.getData("text/plain");
  if (!event.target.matches(FIELDS) || !/[\t\n]/.test(text)) return;
  event.preventDefault();
  const table = rows(grid);
  const from = place(table, event.target);
  const counts = { filled: 0, left: 0 };
  block(text).forEach((line, dy) => line.forEach((value, dx) => {
    const field = table[from.y + dy]?.[from.x + dx];
    if (field && !field.disabled && !field.readOnly) { put(field, value); counts.filled += 1; }
    else counts.left += 1;
  }));
  tell(grid, counts);
}

function tell(grid, { filled, left }) {
  const wrong = grid.querySelectorAll("[aria-invalid=true]").length;
  const parts = [`${filled} cells filled`];
  if (left) parts.push(`${left} had no open cell and were left out`);
  if (wrong) parts.push(`${wrong} are not numbers: they are marked and kept as typed`);
  const place = grid.closest("form")?.querySelector("[data-grid-status]");
  if (place) place.textContent = `${parts.join("; ")}.`;
}

for (const grid of document.querySelectorAll("table[data-grid]")) {
  grid.addEventListener("keydown", (event) => onKey(grid, event));
  grid.addEventListener("paste", (event) => onPaste(grid, event));
  grid.addEventListener("input", (event) => mark(event.target));
}
