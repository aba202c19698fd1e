"use strict";
// Looks on at a Discord in a box, and lets its people write, press, fill in and use commands.
// Everything is set as text, never as markup.

const $ = (id) => document.getElementById(id);
let state = null;
const chosen = { guild: null, person: null, channel: null };

function make(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...inside.filter((part) => part != null));
  return element;
}

async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  };
  const response = await fetch(`/sandbox/${path}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.error}. ${answer.remedy}`);
  return answer;
}

// What the chosen person does. A form that the bot answers with opens at once.
async function act(verb, body) {
  $("problem").textContent = "";
  try {
    const path = `people/${encodeURIComponent(chosen.person)}/${verb}?guild=${chosen.guild}&patience=10`;
    const answer = await ask(path, body);
    if (answer.form) openForm(answer);
    await refresh();
    return answer;
  } catch (error) {
    $("problem").textContent = error.message;
    return null;
  }
}

const guild = () => state.guilds.find((one) => one.id === chosen.guild);
const channel = () => guild()?.channels.find((one) => one.id === chosen.channel);
const bot = () => state.application.name;

function fill(select, options, value) {
  const wanted = JSON.stringify(options);
  if (select.dataset.filled !== wanted) {
    select.replaceChildren(...options.map(([id, label]) => make("option", { value: id }, label)));
    select.dataset.filled = wanted;
  }
  select.value = value;
}

function showChoices() {
  if (!guild()) chosen.guild = state.guilds[0]?.id ?? null;
  fill($("guild"), state.guilds.map((one) => [one.id, one.name]), chosen.guild ?? "");
  const members = (guild()?.members ?? []).filter((one) => one.name !== bot());
  if (!members.some((one) => one.name === chosen.person)) chosen.person = members[0]?.name ?? null;
  const label = (one) => (one.roles.length ? `${one.name} (${one.roles.join(", ")})` : one.name);
  fill($("person"), members.map((one) => [one.name, label(one)]), chosen.person ?? "");
}

function showChannels() {
  const all = guild()?.channels ?? [];
  const seen = all.filter((one) => one.type !== 4 && one.seen_by.includes(chosen.person));
  if (!seen.some((one) => one.id === chosen.channel)) chosen.channel = seen[0]?.id ?? null;
  const under = (parent) => seen.filter((one) => one.thread && one.parent === parent);
  const entry = (one) => make("li", { class: one.thread ? "thread" : null },
    make("button", {
      type: "button", "data-channel": one.id, "aria-current": one.id === chosen.channel ? "true" : null,
      onclick: () => { chosen.channel = one.id; refresh(); },
    }, (one.thread ? "" : "#") + one.name,
    one.seen_by.includes(bot()) ? null : make("small", {}, "not seen by the bot")));
  const entries = seen.filter((one) => !one.thread).flatMap((one) => [entry(one), ...under(one.id).map(entry)]);
  const focused = document.activeElement?.dataset?.channel;
  const none = make("li", { class: "empty" }, state.guilds.length
    ? `${chosen.person ?? "Nobody"} sees no channel.`
    : "There is no server yet. Found one with POST /sandbox/guilds.");
  $("channels").replaceChildren(...(entries.length ? entries : [none]));
  if (focused) $("channels").querySelector(`[data-channel="${focused}"]`)?.focus();
  const here = channel();
  $("place").textContent = here ? (here.thread ? "" : "#") + here.name : "No channel";
  const [summary, names] = $("seen-by").children;
  $("seen-by").hidden = !here;
  summary.textContent = here ? `Seen by ${here.seen_by.length}` : "";
  names.textContent = here ? here.seen_by.join(", ") : "";
  const may = here?.written_by.includes(chosen.person) ?? false;
  for (const control of $("write").elements) control.disabled = !may;
  for (const control of $("command").elements) control.disabled = !here;
  $("text").placeholder = may ? `as ${chosen.person}` : here ? `${chosen.person} may not write here` : "";
}

function shown(text) {
  const names = [...state.people, ...state.guilds.flatMap((one) => one.roles)];
  const find = (list, id) => list.find((one) => one.id === id)?.name;
  return (text ?? "")
    .replace(/<@[!&]?(\d+)>/g, (all, id) => (find(names, id) ? `@${find(names, id)}` : all))
    .replace(/<#(\d+)>/g, (all, id) => {
      const name = find(state.guilds.flatMap((one) => one.channels), id);
      return name ? `#${name}` : all;
    })
    .replace(/<t:(\d+)(?::\w)?>/g, (all, seconds) => new Date(seconds * 1000).toLocaleString());
}

function embedOf(embed) {
  const block = make("div", { class: "embed" });
  if (embed.title) block.append(make("p", { class: "body title" }, shown(embed.title)));
  if (embed.description) block.append(make("p", { class: "body" }, shown(embed.description)));
  for (const field of embed.fields ?? []) {
    block.append(make("p", { class: "body" }, make("strong", {}, shown(field.name)), "\n", shown(field.value)));
  }
  if (embed.footer?.text) block.append(make("p", { class: "body note" }, shown(embed.footer.text)));
  return block;
}

// Buttons, menus and texts, however deeply nested.
function partsOf(parts, message) {
  return (parts ?? []).flatMap((part) => {
    if (part.type === 2 && part.custom_id) {
      return [make("button", {
        type: "button", disabled: part.disabled === true,
        onclick: () => act("press", { message, button: part.label }),
      }, part.label ?? part.emoji?.name ?? "button")];
    }
    if (part.type === 2) return [make("span", { class: "note" }, `${part.label ?? "link"}: ${part.url ?? ""}`)];
    if (part.type >= 3 && part.type <= 8 && part.type !== 4) return [menuOf(part, message)];
    const own = part.content ? [make("p", { class: "body" }, shown(part.content))] : [];
    return [...own, ...partsOf(part.components, message), ...partsOf(part.accessory ? [part.accessory] : [], message)];
  });
}

function menuOf(part, message) {
  const name = part.placeholder ?? part.custom_id;
  const listed = part.options?.map((one) => [one.value, one.label]);
  const members = guild().members.map((one) => [one.name, one.name]);
  const roles = guild().roles.map((one) => [one.name, one.name]);
  const channels = guild().channels.map((one) => [one.name, `#${one.name}`]);
  const options = listed ?? { 5: members, 6: roles, 7: [...members, ...roles], 8: channels }[part.type] ?? [];
  const menu = make("select", { "aria-label": name, multiple: (part.max_values ?? 1) > 1 },
    ...options.map(([value, label]) => make("option", { value }, label)));
  const pick = () => {
    const picks = [...menu.selectedOptions].map((one) => one.value);
    act("select", { message, menu: part.custom_id, picks });
  };
  return make("span", { class: "parts" }, menu, make("button", { type: "button", onclick: pick }, "Choose"));
}

function messageOf(message) {
  const own = message.author === chosen.person;
  const tools = own ? [
    make("button", { type: "button", class: "plain", "aria-label": `Edit: ${message.content}`, onclick: () => edit(message) }, "Edit"),
    make("button", { type: "button", class: "plain", "aria-label": `Delete: ${message.content}`,
      onclick: () => act("delete", { message: message.message }) }, "Delete"),
  ] : [];
  const notes = [
    message.edited ? "edited" : null,
    message.only_for ? `only ${message.only_for} sees this` : null,
    message.replies_to ? "reply" : null,
  ].filter(Boolean).join(" · ");
  const parts = partsOf(message.components, message.message);
  return make("li", {
    class: `message${message.author === bot() ? " bot" : ""}${message.only_for ? " ephemeral" : ""}`,
    "data-message": message.message,
  },
  make("header", {}, make("span", { class: "author" }, message.author),
    notes ? make("span", { class: "note" }, notes) : null, ...tools),
  message.content ? make("p", { class: "body" }, shown(message.content)) : null,
  ...message.embeds.map(embedOf),
  ...message.attachments.map((file) => make("p", { class: "note" }, `Attachment: ${file.filename}`)),
  parts.length ? make("div", { class: "parts" }, ...parts) : null);
}

// Puts messages into a list, keeps what has not changed (so that focus stays), and stays at the end.
function list(element, messages, none) {
  const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
  const before = new Map([...element.children].map((one) => [one.dataset.key, one]));
  const items = messages.map((message) => {
    const key = JSON.stringify([chosen.person, message]);
    const item = before.get(key) ?? messageOf(message);
    item.dataset.key = key;
    return item;
  });
  const wanted = items.length ? items : [make("li", { class: "empty" }, none)];
  if (wanted.length !== element.children.length || wanted.some((one, at) => element.children[at] !== one)) {
    for (const old of [...element.children]) if (!wanted.includes(old)) old.remove();
    wanted.forEach((one, at) => {
      if (element.children[at] !== one) element.insertBefore(one, element.children[at] ?? null);
    });
    if (atEnd) element.scrollTop = element.scrollHeight;
  }
}

let running = null;
let again = false;

// Brings everything up to date; calls that come meanwhile share one more round.
function refresh() {
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    do {
      again = false;
      await round();
    } while (again);
  })().catch((error) => { $("problem").textContent = error.message; }).finally(() => { running = null; });
  return running;
}

async function round() {
  state = await ask("state");
  showChoices();
  showChannels();
  const connected = state.sessions.some((one) => one.connected);
  const status = connected ? `${bot()} is connected.` : "No bot is connected.";
  if ($("bot").textContent !== status) $("bot").textContent = status;
  const who = encodeURIComponent(chosen.person ?? "");
  const none = { messages: [], commands: [] };
  const [here, inbox, offered] = await Promise.all([
    chosen.channel && chosen.person ? ask(`channels/${chosen.channel}/messages?as=${who}`) : none,
    chosen.person ? ask(`people/${who}/inbox`) : none,
    chosen.person && chosen.channel ? ask(`people/${who}/commands?guild=${chosen.guild}`) : none,
  ]);
  list($("messages"), here.messages, "Nothing was written here.");
  $("inbox-title").textContent = chosen.person ? `Inbox of ${chosen.person}` : "Inbox";
  list($("inbox"), inbox.messages, "The bot wrote them nothing.");
  const commands = JSON.stringify(offered.commands);
  if ($("offered").dataset.filled !== commands) {
    $("offered").dataset.filled = commands;
    $("offered").replaceChildren(...offered.commands.map((name) => make("option", { value: `/${name}` })));
  }
}

function openForm(answer) {
  const { form, interaction } = answer;
  $("form-title").textContent = form.title;
  $("fields").replaceChildren(...form.fields.flatMap((field, at) => {
    const input = make("textarea", {
      id: `field-${at}`, rows: 2, required: field.required, maxlength: field.max_length,
      minlength: field.min_length || null, "data-field": field.custom_id,
    });
    input.value = field.value;
    return [make("label", { for: `field-${at}` }, field.label), input];
  }));
  dialogSends(async () => {
    const values = {};
    for (const input of $("fields").querySelectorAll("textarea")) values[input.dataset.field] = input.value;
    await act("fill", { interaction, values });
  });
}

function edit(message) {
  $("form-title").textContent = "Edit your message";
  const input = make("textarea", { id: "field-0", rows: 3, required: true, maxlength: 2000 });
  input.value = message.content;
  $("fields").replaceChildren(make("label", { for: "field-0" }, "New words"), input);
  dialogSends(() => act("edit", { message: message.message, text: input.value }));
}

function dialogSends(send) {
  $("form").onsubmit = (event) => {
    event.preventDefault();
    $("form-dialog").close();
    send();
  };
  $("form-dialog").showModal();
}

const WORDS = {
  said: (e) => `${e.author} in #${e.channel}: ${e.text}`,
  edited: (e) => `${e.author} edited in #${e.channel}: ${e.text}`,
  deleted: (e) => `A message of ${e.author} in #${e.channel} was deleted`,
  direct_message: (e) => `${e.from} wrote to ${e.to} privately`,
  asked: (e) => `${e.who} used ${e.what}`,
  answered: (e) => `${e.who} was answered`,
  connected: (e) => (e.resumed ? "The bot came back" : "The bot connected"),
};

function happened(event) {
  const words = WORDS[event.type];
  if (words) {
    $("happens").prepend(make("li", {}, shown(words(event))));
    while ($("happens").children.length > 50) $("happens").lastChild.remove();
  }
  refresh();
}

$("guild").onchange = (event) => { chosen.guild = event.target.value; refresh(); };
$("person").onchange = (event) => { chosen.person = event.target.value; refresh(); };
$("form-cancel").onclick = () => $("form-dialog").close();
$("write").onsubmit = async (event) => {
  event.preventDefault();
  const text = $("text").value;
  if (await act("say", { channel: chosen.channel, text })) $("text").value = "";
};
$("text").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("write").requestSubmit();
  }
};
$("command").onsubmit = async (event) => {
  event.preventDefault();
  const body = { command: $("typed").value };
  body.channel = chosen.channel;
  if (await act("run", body)) $("typed").value = "";
};

refresh().then(() => {
  const line = new EventSource("/sandbox/events");
  line.onopen = () => refresh();
  line.onmessage = (event) => happened(JSON.parse(event.data));
  line.onerror = () => { $("bot").textContent = "The box is gone, or does not answer."; };
});
