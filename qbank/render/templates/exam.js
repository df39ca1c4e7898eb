"use strict";
(() => {
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const $ = (id) => document.getElementById(id);
const F = read("facts"), MINE = read("mine"), W = F.words, PLACES = F.places;
const STORE = "qbank-exam:" + F.paper + ":" + F.digest + ":" + F.shown + ":";
const CURRENT = STORE + "current" + (MINE.number ? ":" + MINE.number : "");
const MOST_EVENTS = 100;
let S = null, last = 0, lastWall = 0, keptAt = 0, ticking = 0, ending = false, base = null, waiting = 0, warned = {};

const say = (name, fields = {}) => Object.entries(fields).reduce((text, [key, value]) => text.split("{" + key + "}").join(String(value)), W[name]);
const tell = (words) => { $("said").textContent = words; };
const hex = (bytes) => [...new Uint8Array(bytes)].map((one) => one.toString(16).padStart(2, "0")).join("");
const bytesOf = (text) => new TextEncoder().encode(text);
const whole = (text) => text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "\uFFFD");
const plain = (text) => whole(text).normalize("NFKC").replace(/\s+/g, "");

// JSON with sorted keys and no blanks: the bytes that are signed, the same in every program.
const canonical = (value) => {
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
  if (value && typeof value === "object") return "{" + Object.keys(value).sort().map((key) => JSON.stringify(key) + ":" + canonical(value[key])).join(",") + "}";
  return JSON.stringify(value);
};

/* ------------------------------------------------------------------ signature
   SHA-256 (FIPS 180-4), HMAC (RFC 2104) and PBKDF2 (RFC 8018) by hand: browsers hide theirs from a page that came by plain
   http from another machine of the room, and its answers must be signed like all others. */
const PRIMES = [...Array(312).keys()].filter((n) => n > 1 && ![...Array(n).keys()].some((d) => d > 1 && n % d === 0));
const fraction = (x) => ((x - Math.floor(x)) * 4294967296) | 0;
const FIRST = PRIMES.slice(0, 8).map((p) => fraction(Math.sqrt(p))), ROUND = PRIMES.map((p) => fraction(Math.cbrt(p)));
const turn = (x, n) => (x >>> n) | (x << (32 - n));
const stir = (state, block) => {
  const w = new Int32Array(64);
  for (let i = 0; i < 16; i++) w[i] = (block[4 * i] << 24) | (block[4 * i + 1] << 16) | (block[4 * i + 2] << 8) | block[4 * i + 3];
  for (let i = 16; i < 64; i++) {
    const near = w[i - 15], far = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (turn(near, 7) ^ turn(near, 18) ^ (near >>> 3)) + (turn(far, 17) ^ turn(far, 19) ^ (far >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[i] + w[i]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  return [a, b, c, d, e, f, g, h].map((x, i) => (x + state[i]) | 0);
};
// state : after `before` bytes, a multiple of 64, that came ahead of the data
const digestFrom = (state, before, data) => {
  const padded = new Uint8Array(Math.ceil((data.length + 9) / 64) * 64), view = new DataView(padded.buffer);
  padded.set(data);
  padded[data.length] = 128;
  view.setUint32(padded.length - 8, Math.floor((before + data.length) / 536870912));
  view.setUint32(padded.length - 4, ((before + data.length) * 8) >>> 0);
  for (let i = 0; i < padded.length; i += 64) state = stir(state, padded.subarray(i, i + 64));
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((x, i) => out.setInt32(4 * i, x));
  return new Uint8Array(out.buffer);
};
const sha256 = (data) => digestFrom(FIRST, 0, data);
const hmacOf = (key) => {
  const block = new Uint8Array(64);
  block.set(key.length > 64 ? sha256(key) : key);
  const [inner, outer] = [54, 92].map((mask) => stir(FIRST, block.map((x) => x ^ mask)));
  return (data) => digestFrom(outer, 64, digestFrom(inner, 64, data));
};
const keyOf = (room, number) => {
  const mac = hmacOf(bytesOf(plain(room)));
  let last = mac(new Uint8Array([...bytesOf("qbank-exam|" + F.digest + "|" + number), 0, 0, 0, 1]));
  const key = last.slice();
  for (let n = 1; n < F.rounds; n++) { last = mac(last); last.forEach((x, i) => { key[i] ^= x; }); }
  return hex(key);
};
const signed = (document_) => {
  const data = bytesOf(canonical(document_)), key = new Uint8Array((S.key.match(/../g) || []).map((pair) => parseInt(pair, 16)));
  return {...document_, checksum: hex(sha256(data)), signature: hex(hmacOf(key)(data))};
};

/* ------------------------------------------------------------------ keeping: at once in localStorage, and flushed to disk in IndexedDB */
const opened = new Promise((done) => {
  setTimeout(done, 10000);  // a slow machine takes seconds after a crash, and an exam must not begin anew; a browser that neither opens nor refuses it must not keep the exam from beginning
  try {
    const asked = window.indexedDB.open("qbank-exam", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("kept");
    asked.onsuccess = () => { base = asked.result; done(); };
    asked.onerror = asked.onblocked = () => done();
  } catch { done(); }
});
const put = (key, value) => new Promise((done) => {
  if (!base) { done(false); return; }
  try {
    const change = base.transaction("kept", "readwrite", {durability: "strict"});
    change.objectStore("kept").put(value, key);
    change.oncomplete = () => done(true);
    change.onerror = change.onabort = () => done(false);
  } catch { done(false); }
});
const get = (key) => new Promise((done) => {
  if (!base) { done(null); return; }
  try {
    const asked = base.transaction("kept").objectStore("kept").get(key);
    asked.onsuccess = () => done(asked.result ?? null);
    asked.onerror = () => done(null);
  } catch { done(null); }
});
const near = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
const parsed = (text) => { try { return JSON.parse(text); } catch { return null; } };
const fresher = (one, other) => (!one ? other : !other ? one : (other.sequence > one.sequence ? other : one));
const stored = async (number) => fresher(parsed(near(STORE + "of:" + number)), parsed(await get(STORE + "of:" + number)));
const keep = (soon = false) => {
  S.sequence += 1;
  S.wall = Math.max(S.wall, Date.now());  // a clock that was put back does not make the time away longer once it is right again
  keptAt = performance.now();
  const text = JSON.stringify(S);
  let kept = true;
  try {
    localStorage.setItem(STORE + "of:" + S.number, text);
    localStorage.setItem(CURRENT, S.number);
  } catch { kept = false; }
  const flush = () => { waiting = 0; return put(STORE + "of:" + S.number, JSON.stringify(S)).then((done) => { if (!kept && !done) tell(W.not_kept); return put(CURRENT, S.number); }); };
  if (!soon) { clearTimeout(waiting); return flush(); }
  if (!waiting) waiting = setTimeout(flush, 250);
  return Promise.resolve();
};
const note = (what, seconds) => { if (S.events.length < MOST_EVENTS) S.events.push({at: Math.round(S.used), seconds: Math.round(seconds), what}); };

/* ------------------------------------------------------------------ time: only a steady clock counts while the page is open */
const left = () => F.seconds - S.used;
const shownTime = (seconds) => {
  const n = Math.max(0, Math.ceil(seconds));
  const two = (value) => String(value).padStart(2, "0");
  return (n >= 3600 ? Math.floor(n / 3600) + ":" : "") + two(Math.floor(n / 60) % 60) + ":" + two(n % 60);
};
const tick = () => {
  const now = performance.now(), wall = Date.now();
  const passed = Math.max(0, (now - last) / 1000), jump = (wall - lastWall) / 1000 - passed;
  last = now; lastWall = wall;
  S.used += passed;
  if (Math.abs(jump) > 5) { note("clock", jump); keep(); }
  const rest = left();
  $("timer").textContent = shownTime(rest);
  $("timer").classList.toggle("short", rest <= 300);
  for (const minutes of [15, 5, 1]) {
    if (rest <= minutes * 60 && rest > minutes * 60 - 30 && !warned[minutes] && F.seconds > minutes * 60) {
      warned[minutes] = true;
      tell(say(minutes === 1 ? "left_one" : "left", {minutes}));
    }
  }
  if (rest <= 0) { finish("time"); return; }
  if (performance.now() - keptAt > 5000) keep(true);
};

/* ------------------------------------------------------------------ answers */
const empty = (place) => ({blanks: () => Array(place.rows).fill(""), match: () => Array(place.rows).fill(""), order: () => []}[place.way] || (() => ""))();
const answerOf = (i) => S.answers[PLACES[i].name] ?? empty(PLACES[i]);
const isAnswered = (i) => { const one = answerOf(i); return Array.isArray(one) ? one.some((part) => part.trim() !== "") : String(one).trim() !== ""; };
const setAnswer = (i, value, soon = false) => {
  S.answers[PLACES[i].name] = value;
  showPlace(i);
  return keep(soon);
};
const isMarked = (i) => S.marked.includes(PLACES[i].name);
const asked = () => PLACES.map((_, i) => i).filter((i) => PLACES[i].way !== "none");
const NUMBER = /^[-+−－＋]?(\d[\d\s,，]*([.．]\d*)?|[.．]\d+)\s*[^\d\s/×^:：]*$/;
const doubtful = (text) => { const one = text.normalize("NFKC").trim(); return one !== "" && !NUMBER.test(one); };

const showPlace = (i) => {
  const place = PLACES[i], view = $("p" + i), value = answerOf(i);
  if (place.way === "one" || place.way === "judge") for (const one of view.querySelectorAll("input")) one.checked = one.value === value;
  if (place.way === "several") for (const one of view.querySelectorAll("input")) one.checked = value.includes(one.value);
  if (["blanks", "match"].includes(place.way)) for (const one of view.querySelectorAll("[data-row]")) { if (one.value !== value[one.dataset.row]) one.value = value[one.dataset.row] ?? ""; }
  if (["number", "text"].includes(place.way)) { const one = $("q" + i + "-0"); if (one.value !== value) one.value = value; }
  if (place.way === "number") $("w" + i).textContent = doubtful(value) ? W.no_number : "";
  if (place.way === "order") {
    view.querySelector("output").textContent = value.join(" → ");
    for (const one of view.querySelectorAll(".steps button")) {
      const at = value.indexOf(one.value);
      one.setAttribute("aria-pressed", String(at >= 0));
      one.querySelector("i").textContent = at >= 0 ? String(at + 1) : "";
    }
  }
  const button = document.querySelector("[data-go='" + i + "']");
  const done = place.way !== "none" && isAnswered(i);
  button.classList.toggle("done", done);
  button.classList.toggle("flag", isMarked(i));
  const state = place.way === "none" ? W.is_away : done ? W.is_answered : W.is_open;
  button.setAttribute("aria-label", [say(place.part ? "part" : "question", {number: place.number, part: place.part}), state, ...(isMarked(i) ? [W.is_marked] : [])].join(W.comma));
  const all = asked();
  $("progress").textContent = say("progress", {done: all.filter(isAnswered).length, all: all.length});
};
const go = (i, focus = true) => {
  if (i < 0 || i >= PLACES.length) return;
  $("p" + S.at).hidden = true;
  const former = document.querySelector("[data-go='" + S.at + "']");
  former.removeAttribute("aria-current");
  former.tabIndex = -1;
  S.at = i;
  const place = PLACES[i];
  $("p" + i).hidden = false;
  for (const one of document.querySelectorAll(".shared")) one.hidden = !(+one.dataset.from <= place.number && place.number <= +one.dataset.to);
  const button = document.querySelector("[data-go='" + i + "']");
  button.setAttribute("aria-current", "true");
  button.tabIndex = 0;
  $("back").disabled = i === 0;
  $("next").disabled = i === PLACES.length - 1;
  $("wipe").disabled = place.way === "none";
  $("mark").setAttribute("aria-pressed", String(isMarked(i)));
  if (focus) {
    const field = $("p" + i).querySelector("input[type=text], input:not([type]), textarea, select");
    (field || $("h" + i)).focus({preventScroll: true});
    window.scrollTo(0, 0);
  }
};
const toggleMark = () => {
  const name = PLACES[S.at].name;
  S.marked = isMarked(S.at) ? S.marked.filter((one) => one !== name) : [...S.marked, name];
  $("mark").setAttribute("aria-pressed", String(isMarked(S.at)));
  showPlace(S.at);
  tell(isMarked(S.at) ? W.now_marked : W.now_unmarked);
  keep();
};
const choose = (i, letter) => {
  const place = PLACES[i], value = answerOf(i);
  if (place.way === "one" && place.letters.includes(letter)) setAnswer(i, letter);
  else if (place.way === "several" && place.letters.includes(letter)) setAnswer(i, [...place.letters].filter((one) => value.includes(one) !== (one === letter)).join(""));
  else if (place.way === "order" && place.letters.includes(letter)) setAnswer(i, value.includes(letter) ? value.filter((one) => one !== letter) : [...value, letter]);
  else return false;
  return true;
};

/* ------------------------------------------------------------------ events of fields and keys */
const wire = () => {
  PLACES.forEach((place, i) => {
    const view = $("p" + i);
    view.addEventListener("input", (event) => {
      const one = event.target;
      if (ending || !S || S.submitted) return;
      if (place.way === "one" || place.way === "judge") setAnswer(i, one.value);
      else if (place.way === "several") setAnswer(i, [...view.querySelectorAll("input:checked")].map((box) => box.value).join(""));
      else if (one.dataset.row === undefined) return;
      else if (place.way === "blanks" || place.way === "match") {
        const value = [...answerOf(i)];
        value[+one.dataset.row] = whole(one.value);
        setAnswer(i, value, place.way === "blanks");
      } else setAnswer(i, whole(one.value), true);
    });
    view.addEventListener("change", () => { if (waiting) keep(); });
    if (place.way === "order") {
      view.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        if (button.className === "undo") setAnswer(i, answerOf(i).slice(0, -1));
        else if (button.className === "clear") setAnswer(i, []);
        else choose(i, button.value);
      });
    }
  });
  for (const button of document.querySelectorAll("[data-go]")) button.addEventListener("click", () => { $("fold").setAttribute("aria-expanded", "false"); go(+button.dataset.go); keep(true); });
  $("fold").addEventListener("click", () => $("fold").setAttribute("aria-expanded", String($("fold").getAttribute("aria-expanded") !== "true")));
  $("back").addEventListener("click", () => { go(S.at - 1); keep(true); });
  $("next").addEventListener("click", () => { go(S.at + 1); keep(true); });
  $("mark").addEventListener("click", toggleMark);
  $("wipe").addEventListener("click", () => { setAnswer(S.at, empty(PLACES[S.at])); tell(W.wiped); });
  $("submit").addEventListener("click", ask);
  $("ask-no").addEventListener("click", () => $("ask").close());
  $("ask-yes").addEventListener("click", () => { $("ask").close(); finish("candidate"); });
  $("keys").addEventListener("click", () => $("help").showModal());
  $("help-no").addEventListener("click", () => $("help").close());
  $("large").addEventListener("click", () => { S.large = !S.large; enlarge(); keep(); });
  $("save").addEventListener("click", save);
  $("send").addEventListener("click", send);
  $("another").addEventListener("click", () => {
    try { localStorage.removeItem(CURRENT); } catch { /* nothing was kept */ }
    put(CURRENT, "").then(() => { S = null; show("start"); entry(); });
  });
  document.addEventListener("keydown", keyed);
};
const enlarge = () => {
  document.documentElement.classList.toggle("large", S.large);
  $("large").setAttribute("aria-pressed", String(S.large));
};
const keyed = (event) => {
  if (!S || S.submitted || $("exam").hidden || document.querySelector("dialog[open]") || event.isComposing) return;
  if (event.ctrlKey && event.key === "Enter") { event.preventDefault(); ask(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = event.target, place = PLACES[S.at], key = event.key;
  const writes = at.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
  const used = () => event.preventDefault();
  if (key === "PageDown") { used(); $("next").click(); return; }
  if (key === "PageUp") { used(); $("back").click(); return; }
  if (writes) {
    if (key === "Enter" && at.tagName === "INPUT") {
      used();
      const after = $("q" + S.at + "-" + (+at.dataset.row + 1));
      if (after) after.focus(); else $("next").click();
    }
    return;
  }
  if (key === "ArrowRight") { used(); $("next").click(); return; }
  if (key === "ArrowLeft") { used(); $("back").click(); return; }
  if (key === "ArrowDown" || key === "ArrowUp") {
    const all = [...$("p" + S.at).querySelectorAll(".options input, .steps button")];
    if (at.type === "radio" || !all.length) return;
    used();
    const where = all.indexOf(at);
    all[where < 0 ? (key === "ArrowDown" ? 0 : all.length - 1) : (where + (key === "ArrowDown" ? 1 : all.length - 1)) % all.length].focus();
    return;
  }
  if (key === "Enter" && (at.type === "radio" || at.type === "checkbox" || at.tagName === "H2")) { used(); $("next").click(); return; }
  if (key === "Home") { used(); go(0); return; }
  if (key === "End") { used(); go(PLACES.length - 1); return; }
  if (key === "Backspace" && place.way === "order") { used(); setAnswer(S.at, answerOf(S.at).slice(0, -1)); return; }
  if (key === "Delete") { used(); $("wipe").click(); return; }
  if (key === "?") { used(); $("help").showModal(); return; }
  if (key.length !== 1) return;
  const letter = key.toUpperCase();
  if (letter === "M") { used(); toggleMark(); return; }
  if (place.way === "judge") {
    const value = "1AYT√✓".includes(letter) ? "true" : "2BNFX×".includes(letter) ? "false" : "";
    if (value) { used(); setAnswer(S.at, value); }
    return;
  }
  if (choose(S.at, /[1-9]/.test(key) ? place.letters[+key - 1] || "-" : letter)) used();
};

/* ------------------------------------------------------------------ the end */
const ask = () => {
  const name = (i) => PLACES[i].part ? PLACES[i].number + "(" + PLACES[i].part + ")" : String(PLACES[i].number);
  const listed = (all) => all.slice(0, 30).map(name).join(W.comma) + (all.length > 30 ? "…" : "");
  const open = asked().filter((i) => !isAnswered(i)), flags = PLACES.map((_, i) => i).filter(isMarked);
  $("ask-open").textContent = open.length ? say("still_open", {n: open.length, numbers: listed(open)}) : W.none_open;
  $("ask-marked").textContent = flags.length ? say("still_marked", {n: flags.length, numbers: listed(flags)}) : "";
  $("ask").showModal();
};
const finish = async (reason) => {
  if (ending || S.submitted) return;
  ending = true;
  clearInterval(ticking);
  for (const one of document.querySelectorAll("dialog[open]")) one.close();
  const answers = {};
  asked().filter(isAnswered).forEach((i) => { answers[PLACES[i].name] = answerOf(i); });
  const made = signed({
    format: "qbank-exam-answers", version: 1, paper: F.paper, digest: F.digest, shown: F.shown,
    candidate: {number: S.number, name: S.name}, attempt: S.attempt, sequence: S.sequence, started: S.started,
    submitted: new Date().toISOString(), seconds_used: Math.round(S.used), seconds_allowed: F.seconds, reason,
    answers, marked: S.marked, events: S.events,
  });
  S.submitted = JSON.stringify(made, null, 1) + "\n";
  await keep();
  over();
  if (F.submit) send(); else save();
};
const over = () => {
  const made = parsed(S.submitted);
  $("done-title").textContent = made.reason === "time" ? W.time_over : W.handed_in;
  const rows = [[W.number, S.number], [W.name, S.name], [W.paper, F.paper], [W.answered, say("progress", {done: Object.keys(made.answers).length, all: asked().length})],
    [W.file, fileName()], [W.checksum, made.checksum.slice(0, 16)]];
  $("receipt").replaceChildren(...rows.flatMap(([name, value]) => { const dt = document.createElement("dt"), dd = document.createElement("dd"); dt.textContent = name; dd.textContent = value; return [dt, dd]; }));
  $("send").hidden = !F.submit;
  $("another").hidden = Boolean(MINE.number);
  $("done-said").textContent = "";
  show("done");
  $("done-title").focus();
};
const fileName = () => F.paper + "-" + S.number.replace(/[^\p{L}\p{N}._-]/gu, "_") + ".json";
const save = () => {
  const link = document.createElement("a"), address = URL.createObjectURL(new Blob([S.submitted], {type: "application/json"}));
  link.href = address;
  link.download = fileName();
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
  $("done-said").textContent = W.saved;
};
const send = async () => {
  $("send").disabled = true;
  $("done-said").textContent = W.sending;
  try {
    const answer = await fetch(F.submit, {method: "POST", body: S.submitted, headers: {"Content-Type": "text/plain;charset=UTF-8"}, credentials: "omit", cache: "no-store", redirect: "error"});
    const told = await answer.json().catch(() => null), receipt = String((told && told.receipt) || "");
    const sent = /^[0-9A-Za-z-]{1,40}$/.test(receipt) ? say("receipt", {receipt}) : W.sent;
    $("done-said").textContent = answer.ok ? sent : say("refused", {status: answer.status});
  } catch { $("done-said").textContent = W.not_sent; }
  $("send").disabled = false;
};

/* ------------------------------------------------------------------ the beginning */
const show = (id) => { for (const one of ["start", "exam", "done"]) $(one).hidden = one !== id; };
const entry = () => {
  for (const name of ["number", "name"]) { $(name).value = MINE[name]; $(name).readOnly = Boolean(MINE[name]); }
  $("seat").value = MINE.seat; $("seat-line").hidden = !MINE.seat; $("room").value = "";
  $("who-wrong").textContent = "";
  $(MINE.number ? "room" : "number").focus();
};
const begin = () => {
  ending = false;
  last = performance.now(); lastWall = Date.now();
  $("candidate").textContent = S.number + " " + S.name;
  enlarge();
  PLACES.forEach((_, i) => { showPlace(i); $("p" + i).hidden = true; document.querySelector("[data-go='" + i + "']").tabIndex = -1; });
  show("exam");
  go(Math.min(S.at, PLACES.length - 1));
  clearInterval(ticking);
  ticking = setInterval(tick, 500);
  tick();
};
const resume = () => {
  const away = (Date.now() - S.wall) / 1000;
  if (away > 2) { S.used += away; note("away", away); } else if (away < -2) note("clock", away);
  if (left() <= 0) S.used = F.seconds;
  keep();
  begin();
  if (left() > 0) tell(say("resumed", {number: S.number, name: S.name, seconds: Math.max(0, Math.round(away))}));
};
const started = async (event) => {
  event.preventDefault();
  const number = plain($("number").value), name = whole($("name").value).trim(), room = plain($("room").value);
  if (!number || !name || !room) { $("who-wrong").textContent = W.who_missing; return; }
  $("begin").disabled = true;
  const key = keyOf(room, number), before = await stored(number);
  $("begin").disabled = false;
  if (before && before.key !== key) { $("who-wrong").textContent = W.other_code; return; }
  if (before) { S = before; if (S.submitted) { keep(); over(); } else resume(); return; }
  S = {number, name, key, attempt: hex(window.crypto.getRandomValues(new Uint8Array(8))), sequence: 0, started: new Date().toISOString(), used: 0,
    wall: Date.now(), answers: {}, marked: [], at: 0, events: [], large: false, submitted: ""};
  keep();
  begin();
  tell(W.begun);
};
(async () => {
  wire();
  $("who").addEventListener("submit", started);
  window.addEventListener("pagehide", () => { if (S && !S.submitted && !ending) { tick(); keep(); } });
  await opened;
  const number = near(CURRENT) || await get(CURRENT);
  S = number ? await stored(number) : null;
  if (!S) { show("start"); entry(); }
  else if (S.submitted) { document.documentElement.classList.toggle("large", S.large); over(); }
  else resume();
})();
})();
