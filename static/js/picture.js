// The icicle opens where it stands: a click or Enter fetches the next level, arrows go from node to node, Backspace up.
const panel = () => document.querySelector("[data-picture]");

async function open(address, { remembers = true } = {}) {
  try {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(answer.status);
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-picture]");
    if (!found) throw new Error("no picture");
    panel().replaceWith(found);
    if (remembers) history.pushState({ picture: true }, "", address);
    panel().querySelector(".icicle a")?.focus({ preventScroll: true });
  } catch {
    location.assign(address);
  }
}

const opens = (link) => link.matches("[data-icicle-link]") || new URL(link.href.baseVal ?? link.href, location).searchParams.has("open");
const addressOf = (link) => link.href.baseVal ?? link.href;

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-picture] :is([data-icicle], [data-icicle-link])");
  if (!link || !opens(link) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(addressOf(link));
});

document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.("[data-icicle]");
  if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = [...panel().querySelectorAll("[data-icicle]")];
  const box = link.getBBox();
  const near = (rows) => rows.map((one) => ({ one, at: one.getBBox() })).sort((a, b) => Math.abs(a.at.x + a.at.width / 2 - box.x - box.width / 2) - Math.abs(b.at.x + b.at.width / 2 - box.x - box.width / 2))[0]?.one;
  const level = Number(link.dataset.level);
  const side = all.filter((one) => Number(one.dataset.level) === level);
  const next = {
    ArrowLeft: () => side[side.indexOf(link) - 1],
    ArrowRight: () => side[side.indexOf(link) + 1],
    ArrowUp: () => near(all.filter((one) => Number(one.dataset.level) === level - 1)),
    ArrowDown: () => near(all.filter((one) => Number(one.dataset.level) === level + 1)),
  }[event.key];
  if (next) { event.preventDefault(); next()?.focus(); }
  else if (event.key === "Backspace") {
    const up = panel().querySelector("[rel=up]");
    if (up) { event.preventDefault(); open(up.href); }
  }
});

// a narrow box has no room for its name: the line below says it for whoever points at it or goes to it
for (const kind of ["pointerover", "focusin"]) {
  document.addEventListener(kind, (event) => {
    const node = event.target.closest?.("[data-picture] .icicle [aria-label]:not(svg)");
    const place = node && panel().querySelector("[data-picture-here]");
    if (!place) return;
    place.hidden = false;
    place.textContent = node.getAttribute("aria-label");
  });
}

addEventListener("popstate", () => open(location.href, { remembers: false }));
