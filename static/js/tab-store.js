// Where a tab keeps what is not saved yet: each tab a place of its own, so that none writes over another's, and what a
// closed tab has left is taken over by the next one that opens the same page. Works over plain http too, where tabs
// cannot lock a name and ask each other instead.
const TAB = "hoshin-tab";
const FREE = "hoshin-tab-free";
const PATIENCE = 500;
const AGAIN = 5000; // until the next look at what a tab holds that lives or is just being closed

export const parsed = (text) => {
  try {
    return JSON.parse(text) ?? null;
  } catch {
    return null; // spoilt: as if nothing were there
  }
};

/** A storage, or null where the browser refuses it. */
function storage(kind) {
  try {
    window[kind].getItem(TAB);
    return window[kind];
  } catch {
    return null;
  }
}

const fresh = () => `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 10)}`;

export class Place extends EventTarget {
  /** Tells `adopted` with what another tab left, `moved` when another tab lives under this name, `taken` when one took it. */
  constructor(name) {
    super();
    this.name = name;
    this.local = storage("localStorage");
    this.session = storage("sessionStorage");
    this.since = Date.now() + Math.random();
    this.key = `${name}/${this.#claim()}`;
    this.undoKey = `${name}/undo`;
    this.channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(name) : null;
    this.channel?.addEventListener("message", ({ data }) => this.#hear(data));
    addEventListener("pagehide", () => this.session?.setItem(FREE, this.key));
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
    addEventListener("storage", (event) => {
      if (event.key === this.key && event.newValue === null && event.oldValue) this.dispatchEvent(new Event("taken"));
    });
    navigator.locks?.request(this.key, { ifAvailable: true }, (lock) => (lock ? new Promise(() => {}) : this.#move()));
    setTimeout(() => this.#lookAround(), 0);
  }

  /** The name this tab had before it was reloaded; a new one when another tab may still have that. */
  #claim() {
    const known = this.session?.getItem(TAB);
    const isFree = known && this.session.getItem(FREE) === `${this.name}/${known}`;
    const isOfAnotherPage = known && this.session.getItem(FREE) && !isFree;
    const tab = isFree || isOfAnotherPage ? known : fresh();
    this.session?.setItem(TAB, tab);
    this.session?.removeItem(FREE);
    return tab;
  }

  read() {
    return parsed(this.local?.getItem(this.key)) ?? {};
  }

  /** Keep this; null when there is nothing to keep. */
  write(kept) {
    try {
      if (kept === null) this.local?.removeItem(this.key);
      else this.local?.setItem(this.key, JSON.stringify(kept));
    } catch {
      // full or refused: the page still holds it
    }
  }

  /** What can be undone, as long as the tab lives. */
  readUndo() {
    return parsed(this.session?.getItem(this.undoKey)) ?? {};
  }

  writeUndo(kept) {
    try {
      this.session?.setItem(this.undoKey, JSON.stringify(kept));
    } catch {
      this.session?.removeItem(this.undoKey); // too much: then it lasts as long as the page
    }
  }

  #hear({ ask, alive, since }) {
    if (ask) this.channel.postMessage({ alive: this.key, since: this.since });
    if (!alive) return;
    this.others?.add(alive);
    if (alive === this.key && since < this.since) this.#move();
  }

  /** A duplicated tab begins with the same name: it takes another one, and nothing with it. */
  #move() {
    if (this.hasMoved) return;
    this.hasMoved = true;
    const tab = fresh();
    this.session?.setItem(TAB, tab);
    this.key = `${this.name}/${tab}`;
    navigator.locks?.request(this.key, () => new Promise(() => {}));
    this.dispatchEvent(new Event("moved"));
  }

  /** Take over what no living tab holds. */
  async #lookAround() {
    this.others = new Set();
    this.channel?.postMessage({ ask: true });
    const held = navigator.locks ? (await navigator.locks.query()).held : [];
    await new Promise((resolve) => { setTimeout(resolve, this.channel ? PATIENCE : 0); });
    const alive = new Set([this.key, ...this.others, ...held.map((lock) => lock.name)]);
    const others = Object.keys(this.local ?? {}).filter((key) => key !== this.key && (key === this.name || key.startsWith(`${this.name}/`)));
    for (const key of others.filter((one) => !alive.has(one))) {
      const left = parsed(this.local.getItem(key));
      this.local.removeItem(key);
      if (left) this.dispatchEvent(new CustomEvent("adopted", { detail: left }));
    }
    this.others = null;
    // with locks it is certain who lives, so that looking often takes nothing from anybody
    if (navigator.locks && others.some((key) => alive.has(key))) setTimeout(() => this.#lookAround(), AGAIN);
  }
}

const sizes = new WeakMap();

function sizeOf(step) {
  if (!sizes.has(step)) sizes.set(step, JSON.stringify(step).length);
  return sizes.get(step);
}

/** The latest steps to undo, the last one last: no more than storage takes easily. */
export function lately(steps, most = 60, largest = 400_000) {
  const first = Math.max(0, steps.length - most);
  let size = 0;
  let at = steps.length;
  while (at > first && size + sizeOf(steps[at - 1]) <= largest) { at -= 1; size += sizeOf(steps[at]); }
  return steps.slice(at);
}
