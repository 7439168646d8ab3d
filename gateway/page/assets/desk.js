"use strict";

// A ticket is sent by itself; without script there is the button.
document.querySelector("form[data-send]")?.requestSubmit();

// The page of an order follows its events: what changes is rendered by the server.
const live = document.querySelector("[data-events]");
if (live) {
  const said = document.querySelector("[data-said]");
  let busy = false, again = false;

  const states = () => [...live.querySelectorAll("[data-state]")].map((unit) => unit.dataset.name + ": " + unit.dataset.state).join(", ");

  const refresh = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      do {
        again = false;
        const answer = await fetch(live.dataset.part, { redirect: "error" });
        if (!answer.ok) continue;
        const fresh = document.createElement("template");
        fresh.innerHTML = await answer.text();
        if (fresh.innerHTML === live.innerHTML) continue; // nobody loses what is being clicked
        const before = states();
        const focused = document.activeElement?.getAttribute("href");
        const inside = live.contains(document.activeElement);
        live.replaceChildren(fresh.content);
        if (inside && focused) live.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
        if (states() !== before) said.textContent = states();
      } while (again);
    } catch {
      // The connection is gone; the event stream comes back by itself.
    } finally {
      busy = false;
    }
  };

  const source = new EventSource(live.dataset.events);
  source.addEventListener("progress", refresh);
  source.addEventListener("end", () => {
    source.close();
    refresh();
  });
}
