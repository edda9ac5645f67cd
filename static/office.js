// The office's keys. Each only moves the eye or opens a page: what changes a case needs Enter there.
(() => {
  "use strict";
  const typed = "input:not([type=checkbox]):not([type=radio]):not([type=file]), textarea, select, [contenteditable=true]";
  const fields = "input:not([type=hidden]), select, textarea, button:not([type=button])";

  // Chinese input sends keys while it composes; some browsers only tell by the code 229.
  const composes = (event) => event.isComposing || event.keyCode === 229;
  const isShown = (element) => element.checkVisibility() && !element.disabled;

  // The list: one row is current, by the mark that screen readers know too.
  const queue = document.querySelector("[data-queue] tbody");
  const rows = () => [...(queue?.rows ?? [])];
  const current = () => rows().find((row) => row.getAttribute("aria-current") === "true");
  const choose = (row) => {
    if (!row) return;
    current()?.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
    row.querySelector("[data-open]")?.focus();
  };
  const step = (by) => {
    const all = rows();
    const at = all.indexOf(current());
    choose(all[Math.min(Math.max(at + by, 0), all.length - 1)]);
  };
  queue?.addEventListener("focusin", (event) => {
    const row = event.target.closest("tr");
    if (row && row !== current()) {
      current()?.removeAttribute("aria-current");
      row.setAttribute("aria-current", "true");
    }
  });

  const follow = (key) => {
    const place = queue ? current() : document;
    const link = place?.querySelector(`a[data-key="${key}"]`);
    link?.click();
    return Boolean(link);
  };
  const goTo = (id, inside) => {
    const place = document.getElementById(id);
    if (!place) return false;
    place.scrollIntoView({block: "start"});
    (inside ? place.querySelector(inside) : place)?.focus();
    return true;
  };
  const help = () => document.getElementById("keys-help")?.showModal();
  document.querySelector("[data-help]")?.addEventListener("click", help);

  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    x: () => current()?.querySelector("input[type=checkbox]")?.click(),
    o: () => follow("o"),
    a: () => follow("a"),
    r: () => follow("r"),
    e: () => follow("e"),
    f: () => follow("f"),
    s: () => follow("s"),
    d: () => (queue ? follow("d") : goTo("duplicates")),
    u: () => goTo("files", "select"),
    t: () => goTo("tests", "input:not([type=hidden])"),
    escape: () => follow("escape"),
    "/": () => document.querySelector("[data-search]")?.focus(),
    "?": help,
  };

  // Ticks: Y, N and U answer the test at hand and go to its clause.
  const answer = (event) => {
    const test = event.target.closest?.("fieldset.test");
    const box = test?.querySelector(`input[data-answer="${event.key.toLowerCase()}"]`);
    if (!box || box.disabled) return false;
    box.checked = true;
    test.querySelector(".clause input").focus();
    return true;
  };
  // Reasons: the digit chooses, nothing is sent.
  const reason = (event) => {
    const box = document.querySelector(`form[data-reasons] input[name=reason][value="${CSS.escape(event.key)}"]`);
    if (!box) return false;
    box.checked = true;
    box.focus();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (composes(event) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches?.(typed) || document.querySelector("dialog[open]")) return;
    const act = KEYS[event.key.toLowerCase()];
    if (answer(event) || reason(event) || (act && act() !== false)) event.preventDefault();
  });

  // The grid: Enter goes on, Shift+Enter back; the last field leads to the button, which then sends.
  const neighbour = (form, from, by) => {
    const all = [...form.querySelectorAll(fields)].filter(isShown);
    const groups = all.filter((one) => one.type !== "radio" || one === from || one.checked
      || !form.querySelector(`input[name="${CSS.escape(one.name)}"]:checked`));
    return groups[groups.indexOf(from) + by];
  };
  // A code typed over a list chooses the code: browsers take 11 for "the next that begins with 1".
  let code = "", since = 0;
  document.addEventListener("keydown", (event) => {
    const list = event.target;
    if (!list.matches?.("form[data-grid] select") || !/^[0-9a-z]$/i.test(event.key)) return;
    if (composes(event) || event.ctrlKey || event.altKey || event.metaKey) return;
    code = (event.timeStamp - since < 1000 ? code : "") + event.key.toUpperCase();
    since = event.timeStamp;
    const option = [...list.options].find((one) => one.value.toUpperCase() === code)
      ?? [...list.options].find((one) => one.value.toUpperCase().startsWith(code));
    if (!option) return;
    event.preventDefault();
    list.value = option.value;
    for (const kind of ["input", "change"]) list.dispatchEvent(new Event(kind, {bubbles: true}));
  });
  document.addEventListener("focusout", () => { code = ""; });

  // F8 leads to the next field that is still wrong, past all that is right already.
  const wrong = (form) => [...form.querySelectorAll(".lights:has(.light-red)")].flatMap((lights) => {
    const near = lights.closest(".field") ?? lights.parentElement.querySelector(`#${CSS.escape(lights.id)} ~ .row-of-table`);
    return [...(near?.querySelectorAll(fields) ?? [])].filter(isShown).slice(0, 1);
  });
  document.addEventListener("keydown", (event) => {
    const form = document.querySelector("form[data-grid]:has(.lights)");
    if (composes(event) || event.key !== "F8" || !form) return;
    event.preventDefault();
    const at = document.activeElement;
    const after = (one) => at.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING;
    const places = wrong(form);
    (places.find(after) ?? places[0])?.focus();
  });
  const isField = (element) => element.matches("input:not([type=file]), select");
  document.addEventListener("keydown", (event) => {
    const form = event.target.form;
    if (composes(event) || event.key !== "Enter" || !form) return;
    if ((event.ctrlKey || event.metaKey) && form.dataset.ctrlEnter) {
      event.preventDefault();
      form.requestSubmit(form.querySelector(`button[name=then][value=${form.dataset.ctrlEnter}]`));
    } else if ("grid" in form.dataset && isField(event.target) && !event.ctrlKey) {
      event.preventDefault();
      neighbour(form, event.target, event.shiftKey ? -1 : 1)?.focus();
    } else if ("reasons" in form.dataset && event.target.type === "radio") {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  // Where a page asks to confirm, the button is at hand; an error is more urgent.
  const first = () => document.querySelector("[data-first]")
    ?? [...document.querySelectorAll("form[data-focus] .field :is(input, textarea)")].find(isShown);
  if (!document.querySelector("[role=alert]")) first()?.focus();
  if (queue && !location.hash) choose(rows()[0]);
  if (location.hash === "#duplicates") goTo("duplicates");

  // A message about a field that is folded away must be seen.
  const unfold = () => {
    for (const light of document.querySelectorAll("details .light-red")) light.closest("details").open = true;
  };
  unfold();
})();
