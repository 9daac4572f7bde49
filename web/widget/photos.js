// Photos for a ticket: sent one by one, each under an id of its own, so that a repeat is stored once.

import { GatewayError } from "./asking.js";
import { uuid } from "./realm.js";
import { wordsOf } from "./sheet.js";
import { button, h } from "./dom.js";

const MOST = 6;
const LARGEST = 10 * 1024 * 1024; // bytes; the gateway takes no more
const TYPES = "image/jpeg,image/png,image/webp";

const picker = (onchange) => h("input", { type: "file", accept: TYPES, multiple: true, onchange });

/** A field to choose photos; `files` are those chosen. */
export function photoField(label) {
  const input = picker();
  return { field: h("label", null, label, input), get files() { return [...input.files].slice(0, MOST); } };
}

/** Let the caller choose photos for the ticket of a card, and send them. */
export function choosePhotos(use, card) {
  const input = picker(() => sendPhotos(use, card, [...input.files].slice(0, MOST)));
  input.click();
}

/** Send photos, telling how far it is; what fails can be sent again. The card's `proof` opens the ticket, else the conversation does. */
export async function sendPhotos(use, card, files, ids = files.map(uuid)) {
  const { t: { photo: w }, log } = use;
  const line = log.note(w.sending(1, files.length));
  const words = line.querySelector(".bubble");
  const failed = [];
  let refused = 0;
  for (let n = 0; n < files.length; n += 1) { // old libraries have a list's entries() of their own
    const file = files[n];
    words.textContent = w.sending(n + 1, files.length);
    try {
      if (file.size > LARGEST) throw new GatewayError(413, { message: w.large });
      await send(use, card, file, ids[n]);
    } catch (error) {
      if (error.status !== 413 && error.status !== 422) failed.push(n); // what is no good picture is none the next time
      else refused += 1;
      log.note(w.failed(file.name, wordsOf(error, use.t)));
    }
  }
  const sent = files.length - failed.length - refused;
  if (sent) words.textContent = w.done(sent);
  else line.remove();
  if (failed.length) {
    const again = log.note("", button(w.retry, () => {
      again.remove();
      sendPhotos(use, card, failed.map((n) => files[n]), failed.map((n) => ids[n]));
    }));
  }
}

function send({ ask, session }, { number, proof }, blob, id) {
  const tail = `tickets/${number}/photos?photo_id=${id}`;
  const how = { blob, patience: 120_000 };
  return proof ? ask(`v1/${tail}`, { ...how, headers: { "X-Ticket-Proof": proof } })
    : ask(`v1/chat/sessions/${session.id}/${tail}`, { ...how, token: session.token });
}
