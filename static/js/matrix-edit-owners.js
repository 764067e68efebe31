// The owner grid of the editor: naming the next person who answers for something or supports it.
import { open, paragraph } from "./matrix-edit-popover.js";

const MOST = 8;

/** Those whose names hold every typed word, who have no column yet first. */
export function matching(matrix, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const there = new Set(matrix.people());
  const found = matrix.everybody.filter(([, name]) => words.every((word) => name.toLowerCase().includes(word)));
  return found.sort(([a], [b]) => Number(there.has(a)) - Number(there.has(b)));
}

/** Asks for a name; the person chosen gets a column, and the focus goes to it. */
export function nameSomebody(desk, cell) {
  const { drawing, matrix } = desk;
  const input = document.createElement("input");
  Object.assign(input, { className: "form-control", autocomplete: "off", type: "text" });
  for (const [key, value] of Object.entries({ role: "combobox", "aria-label": "Name", "aria-expanded": "true", "aria-controls": "matrix-people", "aria-autocomplete": "list" })) input.setAttribute(key, value);
  const list = document.createElement("ul");
  list.id = "matrix-people";
  list.className = "matrix-people";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "People");
  const said = paragraph("", "item-meta");
  let at = 0;
  let shown = [];
  const show = () => {
    const found = matching(matrix, input.value);
    shown = found.slice(0, MOST);
    at = Math.max(0, Math.min(at, shown.length - 1));
    list.replaceChildren(...shown.map(([person, name], index) => {
      const one = document.createElement("li");
      one.id = `matrix-person-${person}`;
      one.textContent = name;
      one.setAttribute("role", "option");
      one.setAttribute("aria-selected", String(index === at));
      one.addEventListener("pointerdown", (event) => { event.preventDefault(); at = index; close(true); });
      return one;
    }));
    if (shown.length) input.setAttribute("aria-activedescendant", `matrix-person-${shown[at][0]}`);
    else input.removeAttribute("aria-activedescendant");
    said.textContent = !found.length ? "Nobody of that name." : found.length > MOST ? `${found.length - MOST} more: type more of the name.` : "";
  };
  input.addEventListener("input", () => { at = 0; show(); });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !shown.length) return;
    event.preventDefault();
    at = (at + step + shown.length) % shown.length;
    show();
  });
  const close = open({
    anchor: cell.g,
    label: "Who answers or supports?",
    nodes: [paragraph("Who answers or supports?", "matrix-pop-title"), input, list, said],
    first: input,
    onEnter: () => shown.length > 0,
    done: (isSaved, isElsewhere) => {
      if (isSaved && shown[at]) invite(desk, cell, shown[at][0]);
      else if (!isElsewhere) drawing.move(drawing.current);
    },
  });
  show();
}

/** A column for that person; from a row, the focus stays in it. */
function invite(desk, cell, person) {
  const { drawing, matrix } = desk;
  matrix.invited.add(person);
  drawing.redraw();
  const beside = cell.type === "part" && drawing.all.find((one) => one.type === "part" && one.person === person && one.item.key === cell.item.key);
  drawing.move(beside || drawing.find({ person }));
  desk.announce(`${matrix.names.get(person)} has a column now.`);
}
