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
const reveal = () => {
  const card = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (card && card.tagName === "DETAILS") { card.open = true; card.scrollIntoView(); }
};
addEventListener("hashchange", reveal);
reveal();
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  closed.forEach((card) => { card.open = true; });
});
addEventListener("afterprint", () => { closed.forEach((card) => { card.open = false; }); });
