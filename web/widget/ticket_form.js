// A request written down: works without the dialogue, and knows what was already told in it.

import { photoField, sendPhotos } from "./photos.js";
import { uuid } from "./realm.js";
import { choice, labelled, refusal, sheet, wordsOf } from "./sheet.js";
import { h } from "./dom.js";

const BLANK = { type: "求助" };

/** Open the form; `use` holds t, ask, session, log, kept, tab, root, region. `known` is what was said already. */
export async function openForm(use, known = {}) {
  const { t, ask, session, tab, root } = use;
  const w = t.ticket;
  const told = session.id ? await ask(`v1/chat/sessions/${session.id}/form`, { token: session.token, patience: 3000 }).catch(() => ({})) : {};
  const start = { ...BLANK, ...told, ...known, ...tab.get("draft") };
  let request = tab.get("request") ?? uuid(); // sending the same form twice, even after a reload, must not make two tickets
  tab.set("request", request);
  const field = (name, props) => h(props?.rows ? "textarea" : "input", { name, ...props });
  const text = field("text", { rows: 4, maxlength: 5000, required: true });
  text.value = start.text ?? "";
  const contact = h("div", null,
    labelled(w.name, field("name", { maxlength: 50, autocomplete: "name", value: start.name })),
    labelled(w.phone, field("phone", { type: "tel", maxlength: 30, autocomplete: "tel", value: start.phone })));
  const anonymous = h("input", { type: "checkbox", name: "anonymous", checked: start.anonymous, onchange: () => { contact.hidden = anonymous.checked; } });
  contact.hidden = anonymous.checked;
  const photos = photoField(w.photos);
  const dialog = sheet(root, {
    title: w.title, lead: w.lead, send: w.submit, cancel: w.cancel,
    fields: [
      h("fieldset", null, h("legend", null, w.kind), choice("type", w.kinds, w.kindNames, start.type)), labelled(w.text, text),
      labelled(w.address, field("address", { maxlength: 200, placeholder: w.addressHint, value: start.address })), photos.field,
      h("label", { class: "box" }, anonymous, ` ${w.anonymous}`), contact,
      h("label", { class: "box" }, h("input", { type: "checkbox", name: "confidential", checked: start.confidential }), ` ${w.confidential}`),
    ],
    async submit(fields) {
      const body = read(fields, request, start.region ?? use.region);
      if (!body.text) throw refusal(w.needText, fields.text);
      if (!body.anonymous && !body.phone) throw refusal(w.needPhone, fields.phone);
      const ticket = await ask("v1/tickets", { body }).catch((error) => {
        if (error.code !== "request_reused") throw error;
        request = uuid(); // the answer was lost, and the words were changed since: it is another one
        tab.set("request", request);
        return ask("v1/tickets", { body: { ...body, request_id: request } });
      }).catch((error) => { throw refusal(wordsOf(error, t)); });
      tab.set("draft", null);
      tab.set("request", null);
      dialog.close();
      opened(ticket, body, photos.files, use);
    },
  });
  dialog.addEventListener("input", () => {
    const { type, text: words, address, anonymous: hidden, confidential } = dialog.querySelector("form").elements;
    tab.set("draft", words.value.trim() ? {
      type: type.value, text: words.value, address: address.value, anonymous: hidden.checked, confidential: confidential.checked } : null); // never who it is
  });
  text.focus();
}

function read(fields, request, region) {
  const written = (name) => fields[name].value.trim() || undefined;
  const anonymous = fields.anonymous.checked;
  return {
    type: fields.type.value, text: fields.text.value.trim(), address: written("address"), region,
    ...(!anonymous && { name: written("name"), phone: written("phone") }), anonymous, confidential: fields.confidential.checked,
    source_channel: "web", request_id: request,
  };
}

function opened(ticket, body, files, use) {
  const { t, log, kept, tab } = use;
  const w = t.ticket;
  kept.set("number", ticket.number);
  const row = (key, title, ...lines) => ({ key, title, lines });
  const card = {
    kind: "ticket", number: ticket.number, proof: ticket.code ?? body.phone, rows: [
      row("department", w.office, ticket.department), ...(ticket.due_on ? [row("due_on", w.due, w.before(ticket.due_on))] : []),
      ticket.code ? row("code", w.code, ticket.code, w.codeOnce) : row("how", w.how, w.howText)],
  };
  tab.set(`card:${ticket.number}`, card); // its code is told this once, and the page may be gone in a moment
  log.note(w.done, use.cardOf(card));
  if (files.length) sendPhotos(use, card, files);
  if (!ticket.alarm) return;
  const alarm = { id: `alarm-${ticket.number}`, author: "bot", text: ticket.alarm.text };
  log.show([alarm]);
  log.alarm([alarm]);
}
