"use strict";
document.querySelectorAll("table.sortable").forEach((table) => {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...body.rows];
  heads.forEach((head, column) => {
    // Not a <button>: Chromium leaves those out of the heading that it repeats on every printed page.
    const control = head.querySelector("[role=button]");
    control.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      control.click();
    });
    control.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const value = (row) => {
        const cell = row.cells[column];
        if (!("v" in cell.dataset)) return cell.textContent.trim();
        return cell.dataset.v === "" ? null : Number(cell.dataset.v);
      };
      const order = rows.map((row, index) => [value(row), index, row]);
      order.sort(([a, i], [b, j]) => {
        if (a === null || b === null) return (a === null) - (b === null) || i - j;
        const d = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), document.documentElement.lang, { numeric: true });
        return (up ? d : -d) || i - j;
      });
      body.append(...order.map(([, , row]) => row));
    });
  });
});
// A filter above each long table: words in any cell, and one of the flags that occur; points of figures that lead to
// an item that is filtered out are dimmed.
document.querySelectorAll("table.sortable").forEach((table) => {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < 8) return;
  const bar = document.createElement("div");
  bar.className = "filter";
  const words = bar.appendChild(document.createElement("input"));
  words.type = "search";
  words.placeholder = table.dataset.filter;
  words.setAttribute("aria-label", table.dataset.filter);
  const flags = [...new Set([...table.querySelectorAll("tbody .badge")].map((badge) => badge.textContent.trim()))];
  const select = document.createElement("select");
  select.setAttribute("aria-label", table.dataset.all);
  select.append(new Option(table.dataset.all, ""), ...flags.map((flag) => new Option(flag)));
  if (flags.length) bar.append(select);
  const count = bar.appendChild(document.createElement("span"));
  count.setAttribute("role", "status");
  const apply = () => {
    const asked = words.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const hidden = new Set();
    let n = 0;
    rows.forEach((row) => {
      const said = row.textContent.toLowerCase();
      const has = [...row.querySelectorAll(".badge")].map((badge) => badge.textContent.trim());
      const fits = asked.every((word) => said.includes(word)) && (!select.value || has.includes(select.value));
      row.hidden = !fits;
      n += fits ? 1 : 0;
      const link = row.querySelector("th a[href^='#']");
      if (!fits && link) hidden.add(link.getAttribute("href"));
    });
    count.textContent = table.dataset.count.replace("{n}", n).replace("{of}", rows.length);
    const section = table.closest("section") || document;
    section.querySelectorAll("svg a").forEach((point) => point.classList.toggle("dim", hidden.has(point.getAttribute("href"))));
  };
  words.addEventListener("input", apply);
  select.addEventListener("change", apply);
  apply();
  table.parentElement.before(bar);
});
// What a mark is, at once instead of after the browser's delay, for pointer and keyboard alike.
const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
document.body.append(tip);
const tell = (event) => {
  const mark = event.target.closest && event.target.closest("svg a, svg path, svg rect");
  const title = mark && mark.querySelector("title");
  if (!title) { tip.hidden = true; return; }
  tip.textContent = title.textContent;
  tip.hidden = false;
  const box = mark.getBoundingClientRect();
  tip.style.left = `${Math.min(box.right + 8, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.max(box.top - tip.offsetHeight - 6, 4)}px`;
};
["pointerover", "focusin"].forEach((name) => document.addEventListener(name, tell));
["pointerout", "focusout"].forEach((name) => document.addEventListener(name, () => { tip.hidden = true; }));
// Browsers open a card that a link leads into by themselves; older ones need telling.
const reveal = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const card = target && target.closest("details");
  if (!card) return;
  card.open = true;
  target.scrollIntoView({ behavior: "instant" });
  card.querySelector("summary").focus({ preventScroll: true });
};
addEventListener("hashchange", reveal);
reveal();
document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("a[href^='#item-']");
  if (link && !link.matches(".permalink") && link.getAttribute("href") === location.hash) reveal();
});
// The address of a card, into the clipboard; without one the link leads to the card, and its address stands above.
const copied = (words) => {
  const field = document.body.appendChild(document.createElement("textarea"));
  field.value = words;
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
};
document.querySelectorAll("a.permalink").forEach((link) => {
  const said = link.textContent;
  link.setAttribute("role", "button");
  link.addEventListener("click", (event) => {
    event.preventDefault();
    history.replaceState(null, "", link.getAttribute("href"));
    const tell = () => { link.textContent = link.dataset.done; setTimeout(() => { link.textContent = said; }, 1600); };
    if (copied(link.href)) { tell(); link.focus(); } else if (navigator.clipboard) navigator.clipboard.writeText(link.href).then(tell, () => {});
  });
});
// The contents show where the reader is.
const entries = [...document.querySelectorAll("nav > ol > li")];
const parts = entries.map((entry) => document.querySelector(entry.querySelector("a").getAttribute("href")));
const follow = () => {
  const place = parts.reduce((last, part, index) => (part && part.getBoundingClientRect().top < 120 ? index : last), 0);
  entries.forEach((entry, index) => entry.classList.toggle("here", index === place));
};
let due = false;
addEventListener("scroll", () => {
  if (due) return;
  due = true;
  requestAnimationFrame(() => { due = false; follow(); });
}, { passive: true });
follow();
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  closed.forEach((card) => { card.open = true; });
});
addEventListener("afterprint", () => { closed.forEach((card) => { card.open = false; }); });
