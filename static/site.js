// What the pages gain where scripts run: nothing here is needed to use the market.
(() => {
  "use strict";
  document.documentElement.classList.add("scripted");

  // Moves that cannot be taken back are asked about once more.
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  // A draft that could not be saved must say so, or the writer closes the page.
  const saved = () => document.getElementById("saved");
  const say = (name) => {
    const place = saved();
    if (!place) return;
    place.textContent = place.dataset[name];
    place.classList.toggle("error", name === "failed");
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === saved()) say("saving");
  });
  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(failure, (event) => {
      if (event.detail.target === saved()) say("failed");
    });
  }
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === saved()) saved().classList.remove("error");
  });

  // A form that is sent waits for the saving that is under way, and no other begins: the server
  // would take the one that comes second for somebody else's change.
  const sent = new Set();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !(form.matches("[hx-post]") || form.querySelector("[hx-post]"))) return;
    sent.add(form);
    if (!form.matches(".htmx-request") && !form.querySelector(".htmx-request")) return;
    event.preventDefault();
    const submitter = event.submitter;
    form.addEventListener("htmx:afterRequest", () => form.requestSubmit(submitter), { once: true });
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (sent.has(event.target.closest("form"))) event.preventDefault();
  });
  window.addEventListener("pageshow", () => sent.clear());

  // How much of a box is filled is said while one types.
  document.addEventListener("input", (event) => {
    const { id, value, dataset } = event.target;
    const place = dataset && dataset.limit && document.getElementById(`${id}-count`);
    if (!place) return;
    const length = [...value.trim()].length;
    place.textContent = length;
    place.classList.toggle("overdue", length > Number(dataset.limit));
  });

  // After a list is replaced the reader stands at the list, not at the top of the page.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id !== "list") return;
    const focused = document.activeElement;
    if (!focused || focused === document.body) document.getElementById("count")?.focus();
  });

  document.querySelector("[role=alert] a")?.focus();

  // The menu folds again on Escape, and when something else is touched.
  const menu = document.querySelector(".masthead .menu");
  menu?.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
})();
