// How the editors speak to the server: a question that is given up in time, and an answer that is data or a reason.
const PATIENCE = 30000;

/** The server will not take this any more, whatever is tried; the message says why. */
export class Shut extends Error {}

/** Ask without following redirects: a signed-out browser must not take the sign-in page for an answer. */
export async function ask(address, options = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    return await fetch(address, { redirect: "manual", credentials: "same-origin", signal: stop.signal, ...options });
  } finally {
    clearTimeout(timer);
  }
}

/** The data of an answer; Shut when asking again is of no use, `refused` being what a lost right is called. */
export async function read(answer, refused) {
  if (answer.type === "opaqueredirect") throw new Shut("Signed out");
  if (answer.status === 403 || answer.status === 404) throw new Shut(refused);
  if (answer.status === 400) throw new Shut("The server does not understand what was sent");
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}
