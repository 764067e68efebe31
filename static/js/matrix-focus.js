// An X-matrix with data-matrix: pointing at an item, or reaching it with Tab, leaves bright only what it is linked to;
// pointing at a mark leaves bright the two items it joins. Without this script every title says the same.
function related(drawing, target) {
  const mark = target.closest("[data-row]");
  if (mark) return new Set([mark.dataset.row, mark.dataset.column]);
  const slot = target.closest("a")?.querySelector("[data-item]") ?? target.closest("[data-item]");
  if (!slot) return null;
  const keys = new Set([slot.dataset.item]);
  for (const one of drawing.querySelectorAll("[data-row]")) {
    if (one.dataset.row === slot.dataset.item) keys.add(one.dataset.column);
    if (one.dataset.column === slot.dataset.item) keys.add(one.dataset.row);
  }
  return { focus: slot.dataset.item, keys };
}

function light(drawing, found) {
  const keys = found instanceof Set ? found : found?.keys;
  for (const slot of drawing.querySelectorAll("[data-item]")) {
    slot.classList.toggle("is-dim", Boolean(keys) && !keys.has(slot.dataset.item));
  }
  for (const mark of drawing.querySelectorAll("[data-row]")) {
    const pair = [mark.dataset.row, mark.dataset.column];
    const lit = found instanceof Set ? pair.every((key) => keys.has(key)) : pair.includes(found?.focus);
    mark.classList.toggle("is-dim", Boolean(keys) && !lit);
  }
}

for (const drawing of document.querySelectorAll("[data-matrix]")) {
  for (const kind of ["pointerover", "focusin"]) {
    drawing.addEventListener(kind, (event) => light(drawing, related(drawing, event.target)));
  }
  for (const kind of ["pointerleave", "focusout"]) drawing.addEventListener(kind, () => light(drawing, null));
}

export {};
