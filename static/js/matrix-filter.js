// The filters of an X-matrix, live: what matches stays bright with its links and what those lead to, as the server
// draws it when the form is sent. The address follows, so that it can be kept or sent to somebody.
const STEPPED_BACK = "0.22";

function choices(form) {
  const data = new FormData(form);
  return { owner: data.get("owner") ?? "", status: data.get("status") ?? "", strength: Number(data.get("strength") || 0) };
}

function has(words, wanted) {
  return !wanted || (words ?? "").split(" ").includes(wanted);
}

function bright(drawing, chosen) {
  const slots = [...drawing.querySelectorAll("[data-item]")];
  const marks = [...drawing.querySelectorAll("[data-row][data-strength]")];
  const found = new Set(
    slots
      .filter((one) => has(one.dataset.owners, chosen.owner) && has(one.dataset.status, chosen.status))
      .map((one) => one.dataset.item),
  );
  const joined = marks.filter(
    (one) =>
      Number(one.dataset.strength) >= chosen.strength && (found.has(one.dataset.row) || found.has(one.dataset.column)),
  );
  const ends = joined.flatMap((one) => [one.dataset.row, one.dataset.column]);
  const items = new Set(chosen.owner || chosen.status ? [...found, ...ends] : ends);
  return { items, marks: new Set(joined), found: found.size };
}

function step(one, back) {
  if (back) one.setAttribute("opacity", STEPPED_BACK);
  else one.removeAttribute("opacity");
}

function apply(drawing, form) {
  const chosen = choices(form);
  const any = Boolean(chosen.owner || chosen.status || chosen.strength);
  const lit = bright(drawing, chosen);
  for (const one of drawing.querySelectorAll("[data-row]:not([data-strength])")) {
    const on = !any || lit.items.has(one.dataset.row);
    step(one, !on);
    if (on && any) lit.items.add(one.dataset.column);
  }
  for (const one of drawing.querySelectorAll("[data-item]")) step(one, any && !lit.items.has(one.dataset.item));
  for (const one of drawing.querySelectorAll("[data-row][data-strength]")) step(one, any && !lit.marks.has(one));
  return any ? `${lit.items.size} items and ${lit.marks.size} links shown` : "everything shown";
}

function address(form) {
  const kept = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  return `${location.pathname}?${kept}`;
}

for (const form of document.querySelectorAll("[data-matrix-filter]")) {
  const drawing = document.querySelector("[data-matrix]");
  if (drawing) {
    form.querySelector("[data-filter-apply]")?.setAttribute("hidden", "");
    form.addEventListener("change", () => {
      form.querySelector("[data-filter-status]").textContent = apply(drawing, form);
      history.replaceState(null, "", address(form));
    });
  }
}

export {};
