// How a ticket stands, and what its caller may do about it.

import { labelled, refusal, sheet, wordsOf } from "./sheet.js";
import { button, h } from "./dom.js";
import { gradeTicket } from "./rating.js";

// Which of the stages shown is reached; refused, withdrawn and merged ones have their words alone.
const STAGE = {
  submitted: 0, accepted: 0, dispatched: 1, returning: 1, received: 2, handling: 2, waiting: 2, suspended: 2, replied: 3, reviewed: 3, closed: 4,
  followed_up: 4, rated: 5, archived: 5,
};
const NUMBER = /^\d{16}$/;
const PROOF = /^(\d{4}|\d{8}|\d{11,12})$/;

/** Open the view; `use` as for openForm. With a `proof` at hand it is shown at once. */
export function openProgress(use, { number = use.kept.get("number") ?? "", proof = "" } = {}) {
  const { t, root } = use;
  const w = t.look;
  const shown = h("div", { class: "shown", "aria-live": "polite" });
  const input = (name, value, max) => h("input", { name, value, maxlength: max, inputmode: "numeric", autocomplete: "off" });
  const dialog = sheet(root, {
    title: w.title, send: w.find, cancel: w.back,
    fields: [labelled(w.number, input("number", number, 16)), labelled(w.proof, input("proof", proof, 12)), shown],
    async submit({ number: { value: n }, proof: field }) {
      const given = field.value.trim();
      if (!NUMBER.test(n.trim()) || !PROOF.test(given)) throw refusal(w.wrong, field);
      await show(use, shown, n.trim(), given);
    },
  });
  const form = dialog.querySelector("form");
  if (number && proof) form.requestSubmit();
  else form.elements[number ? "proof" : "number"].focus();
}

async function show(use, shown, number, proof) {
  const { t, ask, kept } = use;
  const ticket = await ask(`v1/tickets/${number}`, { headers: { "X-Ticket-Proof": proof } }).catch((error) => { throw refusal(wordsOf(error, t)); });
  kept.set("number", number);
  shown.replaceChildren(...picture(use, ticket, proof));
}

function picture(use, ticket, proof) {
  const { t } = use;
  const w = t.look;
  const reached = STAGE[ticket.status];
  const fact = (name, value) => value && [h("dt", null, name), h("dd", null, value)];
  return [
    h("h3", null, ticket.title),
    reached !== undefined && h("ol", { class: "stages" }, w.stages.map((stage, n) => h("li", {
      class: n <= reached ? "done" : "", "aria-current": n === reached && "step" }, stage))),
    h("dl", null, fact(w.now, ticket.status_text), fact(w.office, ticket.department), fact(w.due, ticket.due_on),
      fact(w.question, ticket.question), fact(w.answer, [ticket.result, ticket.answer].filter(Boolean).join("："))),
    h("div", { class: "tools" }, acts(use, ticket, proof)),
  ].filter(Boolean);
}

function acts(use, ticket, proof) {
  const { t, ask, log } = use;
  const w = t.look;
  const told = h("p", { role: "status" });
  const body = { [proof.length === 4 ? "phone_last4" : proof.length === 8 ? "code" : "phone"]: proof };
  const act = async (name, more, words) => {
    try {
      await ask(`v1/tickets/${ticket.number}/${name}`, { body: { ...body, ...more } });
      told.textContent = words;
      log.note(words);
    } catch (error) {
      told.textContent = wordsOf(error, t);
    }
  };
  if (ticket.status === "closed" || ticket.status === "followed_up") {
    return [button(w.rate, () => gradeTicket(use, (grade) => act("rate", grade, t.rating.thanks))), told];
  }
  if (!(STAGE[ticket.status] < 4)) return [told];
  const words = h("input", { "aria-label": w.addHint, placeholder: w.addHint, maxlength: 1000 });
  return [button(w.urge, () => act("urge", {}, w.urged)), h("div", { class: "row" }, words,
    button(w.add, () => words.value.trim() && act("supplement", { text: words.value.trim() }, w.added))), told];
}
