// A small window beside a cell or an item: Enter saves, Escape gives up, and the focus goes back to where it was.

function place(box, anchor) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const room = { x: document.documentElement.clientWidth, y: document.documentElement.clientHeight };
  const left = Math.max(8, Math.min(at.left, room.x - width - 8));
  const isBelow = at.bottom + height + 12 < room.y;
  box.style.left = `${left}px`;
  box.style.top = `${isBelow ? at.bottom + 6 : Math.max(8, at.top - height - 6)}px`;
}

export function button(text, act, kind = "btn-secondary") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `btn btn-sm ${kind}`;
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

export function paragraph(text, className = "") {
  const made = document.createElement("p");
  made.textContent = text;
  made.className = className;
  return made;
}

/** Opens a window with these nodes; `done` is told once how it was left: true by Enter, false by Escape or elsewhere. */
export function open({ anchor, label, nodes, first, done, onEnter = () => true, keeps = false }) {
  const box = document.createElement("div");
  box.className = "matrix-pop";
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-label", label);
  box.append(...nodes);
  let isOpen = true;
  const close = (isSaved, isElsewhere = false) => {
    if (!isOpen) return;
    isOpen = false;
    removeEventListener("pointerdown", outside, true);
    box.remove();
    done(isSaved, isElsewhere);
  };
  const outside = (event) => { if (!box.contains(event.target)) close(keeps, true); };
  box.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return; // a character is still being made up of several keys
    if (event.key === "Escape") { event.preventDefault(); close(false); }
    const typed = event.target.matches("input, textarea");
    if (event.key === "Enter" && !event.shiftKey && typed) { event.preventDefault(); if (onEnter()) close(true); }
    if (event.key === "Tab") turn(box, event);
  });
  document.body.append(box);
  place(box, anchor);
  addEventListener("pointerdown", outside, true);
  (first ?? box.querySelector("input, textarea, button")).focus({ preventScroll: true });
  return close;
}

function turn(box, event) {
  const stops = [...box.querySelectorAll("input, textarea, button")];
  const at = stops.indexOf(document.activeElement) + (event.shiftKey ? -1 : 1);
  event.preventDefault();
  stops[(at + stops.length) % stops.length].focus();
}
