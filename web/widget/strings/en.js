// The same words in English; what the hotline itself says stays Chinese.

export default {
  lang: "en", name: "12345 Assistant", open: "Ask 12345", close: "Close", ring: "Call 12345", unread: (n) => `${n} new`, connecting: "Connecting…",
  bot: "You are talking to the assistant", queue: (place) => (place ? `Waiting for a person: number ${place.position} in line${place.minutes ? `, about ${place.minutes} min` : ""}` : "Waiting for a person"),
  operator: (person) => `${person || "A person"} is with you`, typing: "typing…", read: "Read", sending: "Sending…", thinking: "Looking it up…",
  who: { bot: "Assistant", caller: "Me", operator: "Staff", system: "" },
  log: "Conversation", ask: "Your question", send: "Send", human: "Talk to a person", form: "File a request", progress: "My request", rate: "Rate", menu: "More",
  large: "Large", language: "中文", languageTitle: "中文", finish: "Erase", finishTitle: "End the conversation and erase it from this device", finishSure: "End this conversation and erase it from this device?",
  examples: ["身份证丢了怎么补", "结婚登记要带什么", "怎么开一家公司", "小区路灯坏了没人修"],
  danger: "In danger, call ", fire: "Fire", police: "Police", ambulance: "Ambulance", call: (number) => `Call ${number}`,
  offline: "You are offline. What you wrote is kept and sent as soon as you are back.", fault: "The service is not available. We keep trying; if it is urgent, call 12345.", faultForm: "You can also write it down: ",
  speak: "Read aloud", silent: "Stop", listen: "Speak", listenTitle: "Your browser turns speech into text", listening: "Listening…", unheard: "Not understood. Try again, or type.",
  card: {
    basis: "Basis: ", asOf: "Checked: ", print: "Print", save: "Download", online: "Do it online", ready: (n, all) => `${n} of ${all} ready`,
    together: "at the same time", stage: (n) => `Step ${n}`, ask: (title) => `How: ${title}`, ticket: "Request",
  },
  ticket: {
    title: "File a request", lead: "Tell us what it is about. The office in charge deals with it, and you get a number.", kind: "Kind",
    kinds: ["求助", "投诉", "举报", "咨询", "建议", "表扬"],
    kindNames: { 求助: "Help", 投诉: "Complaint", 举报: "Report", 咨询: "Question", 建议: "Suggestion", 表扬: "Praise" },
    text: "What is it about? (required)", address: "Where", addressHint: "District, street, house", anonymous: "Anonymous", name: "Your name",
    phone: "Your phone (its last four digits show the progress)", confidential: "Keep my details confidential", photos: "Photos (6 at most)", submit: "Submit",
    cancel: "Cancel", needPhone: "Please leave a phone number, or choose anonymous.", needText: "Please say what it is about.", done: "Your request was filed.",
    office: "Office", due: "Due", before: (day) => `before ${day}`, code: "Query code", codeOnce: "Shown only now: please write it down", how: "Progress",
    howText: "With this number and the last four digits of your phone",
  },
  photo: { add: "Add photos", sending: (n, all) => `Sending photo ${n} of ${all}…`, done: (n) => `${n} photo(s) added.`, failed: (name, why) => `“${name}” was not sent: ${why}`, retry: "Try again", large: "10 MB at most" },
  look: {
    title: "Progress of a request", number: "Number (16 digits)", proof: "Last four digits of the phone, or query code", find: "Show", back: "Close",
    stages: ["Accepted", "Sent out", "Handled", "Answered", "Closed", "Rated"], now: "Now", office: "Office", due: "Due", answer: "Answer", question: "Please add",
    urge: "Urge", urged: "We have urged them.", add: "Add", addHint: "What you want to add", added: "It was passed on.", rate: "Rate this request",
    wrong: "Please enter the 16 digits, and four digits of the phone or the 8 digits of the code.",
  },
  rating: {
    title: "How was it?", grades: ["非常满意", "满意", "基本满意", "不满意", "非常不满意"],
    gradeNames: { 非常满意: "Very good", 满意: "Good", 基本满意: "Fair", 不满意: "Bad", 非常不满意: "Very bad" }, why: "What was wrong? (optional)", submit: "Submit",
    cancel: "Cancel", choose: "Please choose one.", thanks: "Thank you.",
  },
};
