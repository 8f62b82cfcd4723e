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
  let busy = null;
  let next = null;

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-chat]")) return;
    event.preventDefault();
    const wish = { form: event.target, button: event.submitter };
    if (!busy) send(wish);
    else if (wish.form === question.form || wish.button !== busy.button) next = wish;
  });

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
    const { form, button } = wish;
    const sent = chosen(form);
    if (sent.reduce((size, file) => size + file.size, 0) > Number(files.dataset.most)) {
      tell(files.dataset.tooLarge);
      return;
    }
    busy = wish;
    wish.text = question.value;
    wish.files = sent;
    begin(sent.length > 0);
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { "X-Noon": "fragment" },
        body: fields(form, button, sent),
        redirect: "error",
        signal: AbortSignal.timeout(sent.length ? PATIENCE_WITH_FILES : PATIENCE),
      });
      if (answer.headers.get("X-Noon") === "fragment") await show(answer, wish);
      else showRefusal(form, button);
    } catch {
      tell(trouble.dataset.text);
    } finally {
      end();
      goOn(wish);
    }
  }

  // What was pressed or typed meanwhile is not lost: it is sent as soon as the answer is there.
  function goOn(done) {
    const wish = next;
    next = null;
    if (!wish?.form.isConnected) return;
    if (wish.form !== question.form || isNew(done)) send(wish);
  }

  // Whether the question's form holds something that was not sent just now.
  function isNew(done) {
    const [text, now] = [question.value.trim(), chosen(question.form)];
    if (done.form !== question.form) return text !== "" || now.length > 0;
    const other = now.length !== done.files.length || now.some((file, n) => file !== done.files[n]);
    return (text !== "" && text !== done.text.trim()) || (now.length > 0 && other);
  }

  function fields(form, button, withFiles) {
    const all = new FormData(form);
    if (button && button.name) all.set(button.name, button.value);
    if (withFiles.length) return all;
    return new URLSearchParams([...all].filter(([, value]) => typeof value === "string"));
  }

  function begin(withFiles) {
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
      history.replaceState(null, "", "/#answer");
      location.reload();
      return;
    }
    // A link's topic is said once: from here on the conversation knows what was shown.
    document.querySelectorAll("input[name=topic]").forEach((each) => each.remove());
    place(holder.content.querySelector(".exchange"), wish.button);
    document.querySelector(".examples")?.remove();
    take("takesFiles" in document.getElementById("answer").dataset);
    if (wish.form === question.form && answer.ok) clear(wish);
  }

  // Only what was sent is cleared, not what was typed or chosen while the answer was on its way.
  function clear(wish) {
    if (question.value === wish.text) question.value = "";
    const now = chosen(question.form);
    if (now.every((file, place) => file === wish.files[place])) files.value = "";
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
    const pressed = button?.closest(".exchange");
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
  function showRefusal(form, button) {
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
