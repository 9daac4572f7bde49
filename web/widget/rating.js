// The five named grades: for a conversation and for a ticket, each once.

import { choice, labelled, refusal, sheet, wordsOf } from "./sheet.js";
import { h } from "./dom.js";

const BAD = ["不满意", "非常不满意"];

/** Ask for a grade of the conversation. */
export function gradeConversation(use) {
  const { t, ask, session, kept, log, onRated } = use;
  const { id, token } = session;
  grade(use, async (body) => {
    const done = (text) => {
      kept.set("rated", id);
      onRated();
      log.note(text);
    };
    try {
      done((await ask(`v1/chat/sessions/${id}/rating`, { token, body })).text);
    } catch (error) {
      if (error.status !== 409) throw refusal(wordsOf(error, t));
      done(error.message);
    }
  });
}

/** Ask for a grade of a ticket; `send({grade, reason?})` brings it away. */
export const gradeTicket = (use, send) => grade(use, send);

function grade({ t, root }, send) {
  const w = t.rating;
  const why = labelled(w.why, h("textarea", { name: "reason", rows: 3, maxlength: 200 }));
  why.hidden = true;
  const dialog = sheet(root, {
    title: w.title, send: w.submit, cancel: w.cancel, fields: [h("div", { class: "grades" }, choice("grade", w.grades, w.gradeNames)), why],
    async submit({ grade: chosen, reason }) {
      if (!chosen.value) throw refusal(w.choose);
      const words = BAD.includes(chosen.value) && reason.value.trim();
      await send({ grade: chosen.value, ...(words && { reason: words }) });
      dialog.close();
    },
  });
  dialog.addEventListener("change", ({ target }) => {
    if (target.name === "grade") why.hidden = !BAD.includes(target.value);
  });
}
