// The board's keys. Each only moves the eye or opens a menu; what moves a card needs Enter there.
(() => {
  "use strict";
  const typed = "input:not([type=checkbox]):not([type=radio]):not([type=file]), textarea, select, [contenteditable=true]";
  // Chinese input sends keys while it composes; some browsers only tell by the code 229.
  const composes = (event) => event.isComposing || event.keyCode === 229;
  const isShown = (element) => element.checkVisibility();

  const columns = () => [...document.querySelectorAll("[data-column]")].filter(isShown);
  const cardsOf = (column) => [...column.querySelectorAll("[data-card]")];
  const current = () => document.querySelector("[data-card][aria-current=true]");
  const choose = (card) => {
    if (!card) return;
    current()?.removeAttribute("aria-current");
    card.setAttribute("aria-current", "true");
    card.querySelector("[data-open]").focus();
    card.scrollIntoView({block: "nearest", inline: "nearest"});
  };
  const first = () => choose(document.querySelector("[data-column] [data-card]"));

  const step = (by) => {
    const card = current();
    if (!card) return first();
    const all = cardsOf(card.closest("[data-column]"));
    choose(all[Math.min(Math.max(all.indexOf(card) + by, 0), all.length - 1)]);
  };
  // To the next column that has a card, at the same height as far as there is one. Where the page
  // shows one column at a time, the neighbour is a page of its own.
  const turn = (by) => {
    const card = current();
    if (!card) return first();
    const all = columns(), own = card.closest("[data-column]"), at = cardsOf(own).indexOf(card);
    for (let i = all.indexOf(own) + by; all[i]; i += by) {
      const cards = cardsOf(all[i]);
      if (cards.length) return choose(cards[Math.min(at, cards.length - 1)]);
    }
    if (all.length > 1) return;
    const link = document.querySelector(".column-switch [aria-current]");
    (by > 0 ? link?.nextElementSibling : link?.previousElementSibling)?.click();
  };
  const unfold = (name, inside) => {
    const menu = current()?.querySelector(`details[${name}]`);
    if (!menu) return;
    menu.open = true;
    menu.querySelector(inside).focus();
  };
  const help = () => document.getElementById("keys-help").showModal();
  document.querySelector("[data-help]")?.addEventListener("click", help);

  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    h: () => turn(-1),
    l: () => turn(1),
    n: () => unfold("data-step", "input[name=todo]"),
    m: () => unfold("data-move", "button"),
    "?": help,
  };
  document.addEventListener("keydown", (event) => {
    if (composes(event) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (document.querySelector("dialog[open]")) return;
    const menu = event.target.closest?.("[data-card] details");
    if (event.key === "Escape" && menu) {
      menu.open = false;
      choose(menu.closest("[data-card]"));
      return;
    }
    if (event.target.matches?.(typed)) return;
    const act = KEYS[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // In a move's first line Enter would press the first button: the move is chosen, never implied.
  document.addEventListener("keydown", (event) => {
    if (composes(event) || event.key !== "Enter" || !event.target.matches?.("[data-move] input")) return;
    event.preventDefault();
    event.target.form.querySelector("button").focus();
  });

  document.addEventListener("focusin", (event) => {
    const card = event.target.closest?.("[data-card]");
    if (!card || card === current()) return;
    current()?.removeAttribute("aria-current");
    card.setAttribute("aria-current", "true");
  });

  // A card that was just moved is the current one; where one was refused, its message is read first.
  const named = document.getElementById(location.hash.slice(1));
  if (named?.matches("[data-card]") && !document.querySelector("[data-card] [role=alert]")) choose(named);
})();
