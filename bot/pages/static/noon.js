// The chat without loading the page again. Every form also works without this script.
(() => {
  "use strict";

  const log = document.getElementById("log");
  const question = document.getElementById("question");
  const trouble = document.getElementById("trouble");
  const waiting = document.getElementById("waiting");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const files = document.getElementById("files");
  const PATIENCE = 20_000;
  const PATIENCE_WITH_FILES = 330_000;
  const waits = [];
  let busy = null;

  // What is pressed or typed while an answer is on its way waits for its turn, as it was then.
  document.addEventListener("submit", (event) => {
    const [form, button] = [event.target, event.submitter];
    if (!form.matches("form[data-chat]")) return;
    event.preventDefault();
    const before = busy ? [busy, ...waits] : [];
    const sent = chosen(form).filter((file) => !before.some((each) => each.sent.includes(file)));
    const wish = { form, button, sent, text: question.value, body: fields(form, button, sent) };
    if (!busy) send(wish);
    else if (!before.some((each) => isSame(each, wish))) waits.push(wish);
  });

  // Pressed twice is meant once.
  function isSame(one, other) {
    if (one.form !== other.form) return false;
    if (one.form !== question.form) return one.button === other.button;
    return one.text === other.text && !other.sent.length;
  }

  question.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (question.value.trim() || chosen(question.form).length) question.form.requestSubmit();
  });

  // The files that are about to be sent with a form.
  function chosen(form) {
    return form.contains(files) && !files.disabled ? [...files.files] : [];
  }

  function tell(text) {
    trouble.textContent = text;
    trouble.hidden = false;
  }

  async function send(wish) {
    if (wish.sent.reduce((size, file) => size + file.size, 0) > Number(files.dataset.most)) {
      stop(files.dataset.tooLarge);
      return;
    }
    begin(wish);
    try {
      const answer = await fetch(wish.form.action, {
        method: "POST",
        headers: { "X-Noon": "fragment" },
        body: wish.body,
        redirect: "error",
        signal: AbortSignal.timeout(wish.sent.length ? PATIENCE_WITH_FILES : PATIENCE),
      });
      if (answer.headers.get("X-Noon") === "fragment") await show(answer, wish);
      else showRefusal(wish);
    } catch {
      giveBack(wish);
      stop(trouble.dataset.text);
    }
    end();
    if (waits.length) send(waits.shift());
  }

  // Nothing is sent after what failed: who reads that decides what comes next.
  function stop(text) {
    waits.length = 0;
    tell(text);
  }

  // What was typed stands in its field again, before what was typed after it.
  function giveBack(wish) {
    if (wish.form !== question.form || wish.text === question.value) return;
    question.value = [wish.text, question.value].filter(Boolean).join("\n");
  }

  function fields(form, button, sent) {
    const all = new FormData(form);
    if (button && button.name) all.set(button.name, button.value);
    all.delete(files.name);
    sent.forEach((file) => all.append(files.name, file));
    if (sent.length) return all;
    return new URLSearchParams([...all].filter(([, value]) => typeof value === "string"));
  }

  function begin(wish) {
    const withFiles = wish.sent.length > 0;
    busy = wish;
    trouble.hidden = true;
    log.setAttribute("aria-busy", "true");
    waiting.textContent = withFiles ? waiting.dataset.files : waiting.dataset.text;
    waiting.classList.toggle("hidden", !withFiles);
  }

  function end() {
    busy = null;
    log.removeAttribute("aria-busy");
    waiting.textContent = "";
    waiting.classList.add("hidden");
  }

  async function show(answer, wish) {
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    if (answer.headers.get("Content-Language") !== document.documentElement.lang) {
      if (!waits.length) readAnew();
      return;
    }
    // A link's topic is said once: from here on the conversation knows what was shown.
    if (answer.ok) document.querySelectorAll("input[name=topic]").forEach((each) => each.remove());
    place(holder.content.querySelector(".exchange"), wish.button);
    document.querySelector(".examples")?.remove();
    take("takesFiles" in document.getElementById("answer").dataset);
    if (!answer.ok) giveBack(wish);
    else if (wish.form === question.form) clear(wish);
  }

  // The whole page is in another language now; the last answer is on it.
  function readAnew() {
    history.replaceState(null, "", "/#answer");
    location.reload();
  }

  // Only what was sent is cleared, not what was typed or chosen while the answer was on its way.
  function clear(wish) {
    if (question.value === wish.text) question.value = "";
    if (chosen(question.form).every((file) => wish.sent.includes(file))) files.value = "";
  }

  // Files can be chosen while the last answer takes some.
  function take(wanted) {
    document.getElementById("attach").hidden = !wanted;
    files.disabled = !wanted;
    question.required = !wanted;
    const send = question.form.querySelector(".field button");
    send.textContent = wanted ? send.dataset.answer : send.dataset.ask;
    question.form.enctype = wanted ? "multipart/form-data" : "application/x-www-form-urlencoded";
  }

  // An answer in place takes the place of the one whose button was pressed; the question stays.
  function place(exchange, button) {
    const pressed = button?.isConnected && button.closest(".exchange");
    document.getElementById("answer")?.removeAttribute("id");
    exchange.id = "answer";
    if ("erased" in exchange.dataset) log.replaceChildren(exchange);
    else if (pressed && "inPlace" in exchange.dataset) replace(pressed, exchange);
    else log.append(exchange);
    // Who types goes on typing; who presses goes on at the same button, or at the answer.
    if (button && !button.closest(".ask")) again(exchange, button).focus({ preventScroll: true });
    exchange.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
  }

  function replace(pressed, exchange) {
    const question = pressed.querySelector(".said");
    if (question) exchange.querySelector(".said")?.replaceWith(question);
    pressed.replaceWith(exchange);
  }

  function again(exchange, button) {
    const same = (each) => each.textContent === button.textContent;
    return [...exchange.querySelectorAll(".choices button")].find(same) ?? exchange;
  }

  // A refusal is a page of its own: the form is sent once more, without this script.
  function showRefusal({ form, button }) {
    waits.length = 0;
    if (button && button.name) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: button.name, value: button.value });
      form.append(field);
    }
    form.submit();
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    const address = button.parentElement.querySelector("input");
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      address.select();
      try {
        await navigator.clipboard.writeText(address.value);
        button.textContent = button.dataset.done;
        setTimeout(() => { button.textContent = label; }, 2_000);
      } catch {
        // The address is selected: it can be copied by hand.
      }
    });
  }
})();
