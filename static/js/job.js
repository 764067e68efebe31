// Follows a long job: looks every two seconds how far it is and shows it; without this script a link does the same.
const EVERY = 2000;

async function look() {
  const shown = document.querySelector("[data-job]");
  try {
    const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-job]");
    if (!answer.ok || fresh === null) {
      window.location.reload();
      return;
    }
    const held = document.activeElement?.textContent;
    if (fresh.innerHTML !== shown.innerHTML) {
      update(shown, fresh);
      const again = [...shown.querySelectorAll("a, button")].find((one) => one.textContent === held);
      again?.focus();
    }
    if ("over" in fresh.dataset) return;
  } catch {
    // the server is away for a moment: look again
  }
  window.setTimeout(look, EVERY);
}

// The sentence is changed in place, so that a screen reader speaks it; all else is put in anew.
function update(shown, fresh) {
  const said = shown.querySelector("[role=status]");
  const now = fresh.querySelector("[role=status]");
  said.className = now.className;
  if (said.textContent !== now.textContent) said.textContent = now.textContent;
  while (said.nextSibling) said.nextSibling.remove();
  now.remove();
  said.after(...fresh.childNodes);
}

window.setTimeout(look, EVERY);

export {};
