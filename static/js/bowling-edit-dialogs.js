// The small windows of a bowling chart that is being filled: one line of text, and whose figure stands.
function element(name, more = {}, ...children) {
  const made = Object.assign(document.createElement(name), more);
  made.append(...children);
  return made;
}

function shown(title, back, ...children) {
  const heading = element("h2", { id: "bowling-dialog", textContent: title });
  const dialog = element("dialog", { className: "paste-dialog" }, heading, ...children);
  dialog.setAttribute("aria-labelledby", "bowling-dialog");
  dialog.addEventListener("close", () => { dialog.remove(); if (back?.isConnected) back.focus(); });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Ask for one line, with months to begin from where they are given. */
export function ask({ title, text = [], label, value = "", months = null, first = "", required = false, action = "Save", back, save, cancel = () => {} }) {
  const input = element("input", { id: "bowling-line", className: "form-control", value, required, maxLength: 2000, autocomplete: "off" });
  const select = months && element("select", { id: "bowling-first", className: "form-select" }, ...months.map(([day, name]) => element("option", { value: day, textContent: name, selected: day === first })));
  const form = element("form", { method: "dialog" },
    element("ul", {}, ...text.map((one) => element("li", { textContent: one }))),
    ...(select ? [element("label", { htmlFor: "bowling-first", className: "form-label", textContent: "It applies from" }), select] : []),
    element("label", { htmlFor: "bowling-line", className: "form-label", textContent: label }), input,
    element("div", { className: "btn-row mt-3" }, element("button", { className: "btn btn-primary", textContent: action }),
      element("button", { type: "button", className: "btn btn-link", textContent: "Cancel", onclick: () => dialog.close("cancel") })));
  if (!text.length) form.firstChild.remove();
  let isDone = false;
  form.addEventListener("submit", () => { isDone = true; });
  const dialog = shown(title, back, form);
  dialog.addEventListener("close", () => { if (isDone) save(input.value.trim(), select?.value ?? ""); else cancel(); });
  input.focus();
}

/** Two people typed into one cell: both figures, and a choice. */
export function choose({ entry, back, mine, theirs }) {
  const button = (text, className, act) => element("button", { type: "button", className, textContent: text, onclick: () => { dialog.close(); act(); } });
  const dialog = shown(entry.title, back,
    element("p", { textContent: `Somebody else saved this cell while you were typing. Yours: ${entry.text || "nothing"}. Theirs: ${entry.theirs || "nothing"}.` }),
    element("div", { className: "btn-row" }));
  dialog.lastChild.append(button("Keep mine", "btn btn-primary", mine), button("Take theirs", "btn btn-secondary", theirs));
  dialog.querySelector("button").focus();
}
