import {
  act,
  api,
  avatar,
  clockTime,
  coalesce,
  dayOf,
  formatNumber,
  h,
  icon,
  listen,
  toast,
} from './shared.js';
import { richText } from './rich-text.js';

const $ = (id) => document.getElementById(id);
const shell = document.querySelector('.shell');
const emojis = [
  ...'😀😂😊😍🤔😢👍👎🙏👏💪👋🎉❤️🔥✅❌📎📅⏰🚗☕️💼📍'.matchAll(/\p{Extended_Pictographic}\uFE0F?/gu),
].map(String);
const quickReactions = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

/** What is on screen. */
const view = {
  waId: location.pathname.startsWith('/phone/') ? decodeURIComponent(location.pathname.slice(7)) : undefined,
  phone: undefined,
  companies: [],
  phoneNumberId: undefined,
  /** The SMS under each sender; those that a phone may begin are empty. */
  threads: [],
  /** Of the SMS shown, instead of a WhatsApp chat. */
  threadKey: undefined,
  messages: [],
  replyTo: undefined,
  menuFor: undefined,
  typing: false,
};
let people = [];
let typingTimer;

for (const [id, name] of [
  ['back', 'back'],
  ['open-menu', 'more'],
  ['emoji', 'emoji'],
  ['attach', 'attach'],
  ['send', 'send'],
  ['stop-quoting', 'close'],
]) {
  $(id).append(icon(name));
}

// ---------------------------------------------------------------- the list of people

const loadPeople = coalesce(async () => {
  const search = $('search').value.trim();
  const answer = await api('GET', `/phones?limit=200&search=${encodeURIComponent(search)}`);
  people = answer.data;
  drawPeople(search);
});

function drawPeople(search) {
  const items = people.map((phone) =>
    h(
      'li',
      {},
      h(
        'a',
        {
          class: 'person',
          href: `/phone/${phone.waId}`,
          'aria-current': phone.waId === view.phone?.waId ? 'true' : undefined,
          onclick: (event) => openFromLink(event, phone.waId),
        },
        avatar(phone.name, phone.waId),
        h('span', { class: 'person-name' }, phone.name),
        h('span', { class: 'person-time' }, phone.lastMessageAt ? clockTime(phone.lastMessageAt) : ''),
        h('span', { class: 'person-last' }, describe(phone)),
        phone.unread > 0 &&
          h(
            'span',
            { class: 'person-count' },
            String(phone.unread),
            h('span', { class: 'sr-only' }, ' unread'),
          ),
      ),
    ),
  );
  const nobody = search
    ? `Nobody here is called “${search}”.`
    : 'No phones yet. They appear as soon as the company writes to somebody.';
  $('people').replaceChildren(...(items.length > 0 ? items : [h('li', { class: 'empty' }, nobody)]));
}

function describe(phone) {
  if (!phone.onWhatsApp) return `${formatNumber(phone.waId)} · not on WhatsApp`;
  if (!phone.switchedOn) return `${formatNumber(phone.waId)} · switched off`;
  return phone.lastText?.replace(/\s+/g, ' ') || formatNumber(phone.waId);
}

function openFromLink(event, waId) {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, '', `/phone/${waId}`);
  void open(waId);
}

// ---------------------------------------------------------------- one phone

async function open(waId) {
  Object.assign(view, {
    waId,
    phone: undefined,
    phoneNumberId: undefined,
    threads: [],
    threadKey: undefined,
    replyTo: undefined,
    menuFor: undefined,
  });
  $('messages').replaceChildren();
  atEnd = true;
  $('text').value = '';
  drawQuoting();
  await load();
  if (view.phone && matchMedia('(min-width: 801px)').matches) $('text').focus();
}

function close() {
  view.waId = undefined;
  view.phone = undefined;
  shell.dataset.view = 'people';
  $('device').hidden = true;
  $('no-phone').hidden = false;
  document.title = 'Phones – Sandbox';
  drawPeople($('search').value.trim());
}

const load = coalesce(async () => {
  const { waId } = view;
  if (waId === undefined) return;
  try {
    const [phone, accounts, threads, smsAccounts] = await Promise.all([
      api('GET', `/phones/${encodeURIComponent(waId)}`),
      api('GET', '/accounts'),
      api('GET', `/phones/${encodeURIComponent(waId)}/sms/threads`),
      api('GET', '/sms/accounts'),
    ]);
    if (view.waId !== waId) return;
    view.phone = phone;
    view.companies = accounts.data;
    const first = view.threads.length === 0 && view.phoneNumberId === undefined;
    view.threads = [...threads.data, ...newThreads(threads.data, smsAccounts.data)];
    if (first && phone.chats.length === 0 && threads.data.length > 0) view.threadKey = keyOf(threads.data[0]);
    view.phoneNumberId ??= phone.chats[0] ?? view.companies[0]?.phoneNumberId;
    const answer = await api('GET', `/phones/${phone.waId}/messages?direction=both&newest=400`);
    if (view.waId !== waId) return;
    view.messages = thread()
      ? thread().messages.map(asMessage)
      : answer.data.filter((message) => message.phoneNumberId === view.phoneNumberId);
    draw();
    await readIfShown();
  } catch (error) {
    toast(error.message);
    if (!view.phone) close();
  }
});

const keyOf = ({ accountSid, sender }) => `${accountSid} ${sender}`;

function thread() {
  return view.threads.find((one) => keyOf(one) === view.threadKey);
}

/** Of companies whose number takes SMS and has not been written to yet. */
function newThreads(threads, smsAccounts) {
  return smsAccounts
    .filter(
      ({ smsUrl, accountSid, number }) =>
        smsUrl && !threads.some((one) => one.accountSid === accountSid && one.sender === number),
    )
    .map(({ accountSid, number, friendlyName }) => ({
      accountSid,
      sender: number,
      company: friendlyName,
      canBeAnswered: true,
      unread: 0,
      messages: [],
    }));
}

/** An SMS in the shape that the chat draws. */
function asMessage({ id, direction, at, text, read }) {
  return {
    id,
    direction,
    at,
    text,
    type: 'text',
    content: { type: 'text', text },
    status: read ? 'read' : 'delivered',
    sms: true,
  };
}

/** Who writes in the chat that is shown. */
function companyName() {
  return thread()?.sender ?? company()?.verifiedName ?? 'Company';
}

function company() {
  return view.companies.find((account) => account.phoneNumberId === view.phoneNumberId);
}

function draw() {
  const { phone } = view;
  const name = companyName();
  const sms = thread();
  shell.dataset.view = 'chat';
  $('no-phone').hidden = true;
  $('device').hidden = false;
  document.title = `${phone.name} – Sandbox`;
  $('device-owner').textContent = `${phone.name} · ${formatNumber(phone.waId)}`;
  $('device').setAttribute('aria-label', `The phone of ${phone.name}`);
  $('company-name').textContent = name;
  $('company-avatar').replaceChildren(avatar(name, view.threadKey ?? view.phoneNumberId ?? ''));
  $('company-note').textContent = sms
    ? `SMS · ${sms.company}`
    : phone.onWhatsApp
      ? 'Business account'
      : 'This number is not on WhatsApp';
  $('off-screen').hidden = phone.switchedOn;
  $('no-answer').hidden = !sms || sms.canBeAnswered;
  $('composer').hidden = sms !== undefined && !sms.canBeAnswered;
  $('attach').hidden = sms !== undefined;
  const blocked = !sms && phone.blocked.includes(view.phoneNumberId);
  $('blocked-bar').hidden = !blocked;
  drawCompanies();
  drawMessages();
  for (const item of document.querySelectorAll('.person')) {
    if (item.getAttribute('href') === `/phone/${phone.waId}`) item.setAttribute('aria-current', 'true');
    else item.removeAttribute('aria-current');
  }
}

function drawCompanies() {
  const chats = new Set([...view.phone.chats, view.phoneNumberId]);
  const shown = view.companies.filter((account) => chats.has(account.phoneNumberId));
  $('companies').hidden = shown.length + view.threads.length < 2;
  $('companies').replaceChildren(
    ...shown.map((account) =>
      chatButton(account.verifiedName, {
        chosen: !thread() && account.phoneNumberId === view.phoneNumberId,
        onclick: () => talkTo(account.phoneNumberId),
      }),
    ),
    ...view.threads.map((one) =>
      chatButton(`SMS · ${one.sender}${one.unread > 0 ? ` (${one.unread})` : ''}`, {
        chosen: thread() === one,
        onclick: () => talkTo(view.phoneNumberId, keyOf(one)),
      }),
    ),
  );
}

function chatButton(label, { chosen, onclick }) {
  return h('button', { type: 'button', 'aria-pressed': String(chosen), onclick }, label);
}

function talkTo(phoneNumberId, threadKey) {
  view.phoneNumberId = phoneNumberId;
  view.threadKey = threadKey;
  view.replyTo = undefined;
  drawQuoting();
  atEnd = true;
  void load();
}

// ---------------------------------------------------------------- messages

/** Message nodes are kept and only replaced when something about them changed: no flicker, no lost focus. */
const drawn = new Map();
/** Whether the newest message is in view, and shall stay so. */
let atEnd = true;

function showEnd() {
  if (atEnd) $('messages').scrollTop = $('messages').scrollHeight;
}

$('messages').addEventListener('scroll', () => {
  const { scrollHeight, scrollTop, clientHeight } = $('messages');
  atEnd = scrollHeight - scrollTop - clientHeight < 80;
});
// Pictures and players grow when they have loaded, panels take room away.
$('messages').addEventListener('load', showEnd, true);
$('messages').addEventListener('loadedmetadata', showEnd, true);
new ResizeObserver(showEnd).observe($('messages'));

function drawMessages() {
  const box = $('messages');
  const nodes = [];
  let day;
  for (const message of view.messages.filter(isShown)) {
    if (dayOf(message.at) !== day) {
      day = dayOf(message.at);
      nodes.push(h('div', { class: 'day' }, day));
    }
    nodes.push(nodeFor(message));
  }
  if (nodes.length === 0) {
    nodes.push(h('p', { class: 'notice' }, `No messages with ${companyName()} yet.`));
  }
  if (view.typing) nodes.push(h('div', { class: 'typing' }, 'typing…'));
  reconcile(box, nodes);
  showEnd();
}

function reconcile(box, nodes) {
  const keep = new Set(nodes);
  for (const child of [...box.children]) if (!keep.has(child)) child.remove();
  for (const [position, node] of nodes.entries()) {
    if (box.children[position] !== node) box.insertBefore(node, box.children[position] ?? null);
  }
}

function isShown(message) {
  if (message.type === 'reaction') return false;
  return message.direction === 'sent' || message.status === 'delivered' || message.status === 'read';
}

function nodeFor(message) {
  const answered = view.messages.some((other) => other.type === 'button' && other.replyTo === message.id);
  const signature = JSON.stringify([message, view.menuFor === message.id, answered]);
  const known = drawn.get(message.id);
  if (known?.signature === signature) return known.node;
  const node = messageNode(message, answered);
  drawn.set(message.id, { signature, node });
  return node;
}

function messageNode(message, answered) {
  const { content } = message;
  if (content.type === 'system') return h('p', { class: 'notice' }, content.text);
  const mine = message.direction === 'sent';
  const reactions = [message.reactionOfPhone, message.reactionOfCompany].filter(Boolean);
  return h(
    'article',
    {
      class: `message${mine ? ' mine' : ''}${reactions.length > 0 ? ' reacted' : ''}`,
      'aria-label': mine ? 'You' : companyName(),
    },
    h(
      'div',
      { class: 'bubble-row' },
      h(
        'div',
        { class: 'bubble' },
        quoteNode(message),
        ...contentNodes(message),
        h(
          'div',
          { class: 'bubble-meta' },
          h('time', { datetime: message.at }, clockTime(message.at)),
          mine && !message.sms && ticks(message),
        ),
        reactions.length > 0 &&
          h('span', { class: 'reactions', 'aria-label': 'Reactions' }, [...new Set(reactions)].join(' ')),
      ),
      !message.sms && moreButton(message),
    ),
    content.type === 'template' && content.buttons.length > 0 && templateButtons(message, answered),
    view.menuFor === message.id && messageMenu(message),
  );
}

function ticks({ status }) {
  const [text, label] = {
    accepted: ['✓', 'Sent'],
    sent: ['✓', 'Sent'],
    failed: ['!', 'Failed'],
    delivered: ['✓✓', 'Delivered'],
    read: ['✓✓', 'Read by the company'],
  }[status];
  return h(
    'span',
    { class: `ticks${status === 'read' ? ' read' : ''}`, role: 'img', 'aria-label': label, title: label },
    text,
  );
}

function quoteNode({ replyTo, content }) {
  const target = replyTo && view.messages.find((message) => message.id === replyTo);
  if (!target || content.type === 'system') return undefined;
  const author = target.direction === 'sent' ? 'You' : companyName();
  return h('div', { class: 'quote' }, h('strong', {}, author), h('p', {}, brief(target)));
}

function brief(message) {
  return (
    message.text ||
    { image: 'Photo', video: 'Video', audio: 'Voice message', document: 'Document', sticker: 'Sticker' }[
      message.type
    ] ||
    message.type
  );
}

function contentNodes({ id, direction, content }) {
  const source = content.mediaId ? `/sandbox/media/${content.mediaId}` : content.link;
  const caption = content.caption ? h('div', { class: 'bubble-text' }, richText(content.caption)) : undefined;
  switch (content.type) {
    case 'template':
      return [
        content.headerMediaId &&
          h('img', { src: `/sandbox/media/${content.headerMediaId}`, alt: 'Picture in the header' }),
        content.header && h('div', { class: 'bubble-header' }, content.header),
        h('div', { class: 'bubble-text' }, richText(content.text)),
        content.footer && h('div', { class: 'bubble-footer' }, content.footer),
      ];
    case 'image':
      return [
        h(
          'a',
          { href: source, target: '_blank' },
          h('img', { src: source, alt: content.caption || 'Photo' }),
        ),
        caption,
      ];
    case 'sticker':
      return [h('img', { class: 'sticker', src: source, alt: 'Sticker' })];
    case 'video':
      return [h('video', { src: source, controls: true, preload: 'metadata' }), caption];
    case 'audio':
      return [
        h('audio', {
          src: source,
          controls: true,
          preload: 'metadata',
          'aria-label': content.voice ? 'Voice message' : 'Audio',
          onplay:
            direction === 'received' &&
            (() => void api('POST', `/phones/${view.phone.waId}/played`, { messageId: id })),
        }),
      ];
    case 'document':
      return [
        h(
          'a',
          { class: 'file-card', href: source, target: '_blank' },
          icon('file'),
          h('span', {}, content.filename ?? 'Document', h('small', {}, content.mimeType ?? '')),
        ),
        caption,
      ];
    case 'location':
      return [
        h(
          'a',
          {
            class: 'file-card',
            target: '_blank',
            rel: 'noreferrer',
            href: `https://www.openstreetmap.org/?mlat=${content.latitude}&mlon=${content.longitude}`,
          },
          icon('pin'),
          h(
            'span',
            {},
            content.name ?? 'Location',
            h('small', {}, content.address ?? `${content.latitude}, ${content.longitude}`),
          ),
        ),
      ];
    case 'contacts':
      return content.contacts.map((contact) =>
        h('div', {}, `👤 ${contact.name?.formatted_name ?? 'Contact'} ${contact.phones?.[0]?.phone ?? ''}`),
      );
    default:
      return [h('div', { class: 'bubble-text' }, richText(content.text ?? ''))];
  }
}

function templateButtons(message, answered) {
  return h(
    'div',
    { class: 'template-buttons' },
    message.content.buttons.map((button) =>
      button.url
        ? h('a', { href: button.url, target: '_blank', rel: 'noreferrer' }, button.text)
        : h(
            'button',
            {
              type: 'button',
              disabled: answered,
              onclick: act(() =>
                send({ type: 'button', text: button.text, payload: button.payload, replyTo: message.id }),
              ),
            },
            button.text,
          ),
    ),
  );
}

function moreButton(message) {
  const open = view.menuFor === message.id;
  return h(
    'button',
    {
      class: 'icon-button message-more',
      type: 'button',
      'aria-label': 'Reply or react',
      'aria-expanded': String(open),
      onclick: () => {
        view.menuFor = open ? undefined : message.id;
        drawMessages();
        document.querySelector('.message-menu button')?.focus();
      },
    },
    icon('more'),
  );
}

function messageMenu(message) {
  return h(
    'div',
    { class: 'message-menu', role: 'group', 'aria-label': 'Reply or react' },
    quickReactions.map((emoji) => {
      const chosen = message.reactionOfPhone === emoji;
      return h(
        'button',
        {
          class: 'emoji',
          type: 'button',
          'aria-pressed': String(chosen),
          'aria-label': chosen ? `Take back ${emoji}` : `React with ${emoji}`,
          onclick: act(async () => {
            view.menuFor = undefined;
            await send({ type: 'reaction', messageId: message.id, emoji: chosen ? '' : emoji });
          }),
        },
        emoji,
      );
    }),
    h(
      'button',
      {
        type: 'button',
        onclick: () => {
          view.replyTo = message;
          view.menuFor = undefined;
          drawMessages();
          drawQuoting();
          $('text').focus();
        },
      },
      'Reply',
    ),
  );
}

// ---------------------------------------------------------------- writing

async function send(message) {
  const sms = thread();
  if (sms) {
    const { accountSid } = sms;
    await api('POST', `/phones/${view.phone.waId}/sms`, { text: message.text, accountSid });
  } else
    await api('POST', `/phones/${view.phone.waId}/send`, { phoneNumberId: view.phoneNumberId, ...message });
  atEnd = true;
  await load();
}

function drawQuoting() {
  $('quoting').hidden = !view.replyTo;
  if (view.replyTo) $('quoting-text').textContent = brief(view.replyTo);
}

$('write').addEventListener('submit', (event) => {
  event.preventDefault();
  void submit();
});

const submit = act(async () => {
  const text = $('text').value.trim();
  if (text === '') return;
  const replyTo = view.replyTo?.id;
  $('text').value = '';
  view.replyTo = undefined;
  grow();
  drawQuoting();
  togglePanel(undefined);
  try {
    await send({ type: 'text', text, replyTo });
  } catch (error) {
    $('text').value = text;
    throw error;
  }
});

$('text').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  void submit();
});
$('text').addEventListener('input', grow);

function grow() {
  $('text').style.height = 'auto';
  $('text').style.height = `${$('text').scrollHeight + 2}px`;
}

$('stop-quoting').addEventListener('click', () => {
  view.replyTo = undefined;
  drawQuoting();
  $('text').focus();
});

function togglePanel(name) {
  for (const each of ['emoji', 'attach']) {
    const shown = each === name && $(`${each}-panel`).hidden;
    $(`${each}-panel`).hidden = !shown;
    $(each).setAttribute('aria-expanded', String(shown));
  }
}

$('emoji').addEventListener('click', () => togglePanel('emoji'));
$('attach').addEventListener('click', () => togglePanel('attach'));
$('emoji-panel').append(
  ...emojis.map((emoji) =>
    h(
      'button',
      {
        type: 'button',
        'aria-label': emoji,
        onclick: () => {
          const { selectionStart, selectionEnd } = $('text');
          $('text').setRangeText(emoji, selectionStart, selectionEnd, 'end');
          $('text').focus();
        },
      },
      emoji,
    ),
  ),
);

const attachments = [
  { label: 'Photo or video', accept: 'image/jpeg,image/png,image/webp,video/mp4,video/3gpp' },
  { label: 'Document', accept: '', type: 'document' },
  { label: 'Voice message', accept: 'audio/*', type: 'audio', voice: true },
  { label: 'Audio file', accept: 'audio/*', type: 'audio' },
];
let attaching;

$('attach-panel').append(
  ...attachments.map((attachment) =>
    h(
      'button',
      {
        type: 'button',
        onclick: () => {
          attaching = attachment;
          $('file').accept = attachment.accept;
          $('file').click();
        },
      },
      attachment.label,
    ),
  ),
  h('button', { type: 'button', onclick: act(sendLocation) }, 'Location'),
);

async function sendLocation() {
  togglePanel(undefined);
  await send({
    type: 'location',
    latitude: 41.3874,
    longitude: 2.1686,
    name: 'Plaça de Catalunya',
    address: 'Barcelona',
  });
}

$('file').addEventListener(
  'change',
  act(async () => {
    const [file] = $('file').files;
    if (!file) return;
    const form = new FormData();
    form.append('phoneNumberId', view.phoneNumberId);
    if (attaching.type) form.append('type', attaching.type);
    if (attaching.voice) form.append('voice', 'true');
    if ($('text').value.trim() !== '' && attaching.type !== 'audio')
      form.append('caption', $('text').value.trim());
    if (view.replyTo) form.append('replyTo', view.replyTo.id);
    form.append('file', file);
    $('file').value = '';
    await api('POST', `/phones/${view.phone.waId}/send`, form);
    if (attaching.type !== 'audio') $('text').value = '';
    view.replyTo = undefined;
    drawQuoting();
    togglePanel(undefined);
    atEnd = true;
    await load();
  }),
);

// ---------------------------------------------------------------- reading

async function readIfShown() {
  const { phone, phoneNumberId } = view;
  if (document.visibilityState !== 'visible' || !phone?.switchedOn) return;
  const unread = view.messages.some(
    (message) => message.direction === 'received' && message.status === 'delivered',
  );
  if (!unread) return;
  const sms = thread();
  if (sms) await api('POST', `/phones/${phone.waId}/sms/read`, { sender: sms.sender });
  else await api('POST', `/phones/${phone.waId}/read`, { phoneNumberId });
}

document.addEventListener('visibilitychange', act(readIfShown));

// ---------------------------------------------------------------- settings

async function change(body) {
  await api('PATCH', `/phones/${view.phone.waId}`, body);
  await load();
}

$('open-menu').addEventListener('click', () => {
  const { phone, phoneNumberId } = view;
  $('menu-title').textContent = `${phone.name}, ${formatNumber(phone.waId)}`;
  $('menu-company').replaceChildren(
    ...view.companies.map((account) =>
      h(
        'option',
        { value: account.phoneNumberId, selected: account.phoneNumberId === phoneNumberId },
        account.verifiedName,
      ),
    ),
  );
  $('menu-name').value = phone.name;
  $('menu-on').checked = phone.switchedOn;
  $('menu-whatsapp').checked = phone.onWhatsApp;
  $('menu-receipts').checked = phone.readReceipts;
  $('menu-blocked').checked = phone.blocked.includes(phoneNumberId);
  $('menu-marketing').checked = phone.marketingStopped.includes(phoneNumberId);
  $('menu').showModal();
});

for (const [id, key] of [
  ['menu-on', 'switchedOn'],
  ['menu-whatsapp', 'onWhatsApp'],
  ['menu-receipts', 'readReceipts'],
]) {
  $(id).addEventListener(
    'change',
    act(() => change({ [key]: $(id).checked })),
  );
}
$('menu-name').addEventListener(
  'change',
  act(() => change({ name: $('menu-name').value.trim() || view.phone.name })),
);
$('menu-blocked').addEventListener(
  'change',
  act(() => setBlocked($('menu-blocked').checked)),
);
$('menu-marketing').addEventListener(
  'change',
  act(() =>
    api('POST', `/phones/${view.phone.waId}/marketing`, {
      phoneNumberId: view.phoneNumberId,
      value: $('menu-marketing').checked ? 'stop' : 'resume',
    }).then(load),
  ),
);
$('menu-company').addEventListener('change', () => {
  talkTo($('menu-company').value);
  $('menu').close();
});
$('unblock').addEventListener(
  'click',
  act(() => setBlocked(false)),
);
$('switch-on').addEventListener(
  'click',
  act(() => change({ switchedOn: true })),
);

async function setBlocked(blocked) {
  await api('POST', `/phones/${view.phone.waId}/block`, { phoneNumberId: view.phoneNumberId, blocked });
  await load();
}

$('new-phone').addEventListener('click', () => $('new-dialog').showModal());
$('new-cancel').addEventListener('click', () => $('new-dialog').close());
$('new-form').addEventListener('submit', (event) => {
  event.preventDefault();
  void act(async () => {
    const form = new FormData($('new-form'));
    const name = String(form.get('name')).trim();
    const phone = await api('POST', '/phones', {
      waId: form.get('waId'),
      ...(name !== '' && { name }),
      onWhatsApp: form.has('onWhatsApp'),
    });
    $('new-dialog').close();
    $('new-form').reset();
    $('search').value = '';
    history.pushState(null, '', `/phone/${phone.waId}`);
    await loadPeople();
    await open(phone.waId);
  })();
});

// ---------------------------------------------------------------- getting about

$('back').addEventListener('click', () => {
  history.pushState(null, '', '/');
  close();
});
addEventListener('popstate', () => {
  const waId = location.pathname.startsWith('/phone/')
    ? decodeURIComponent(location.pathname.slice(7))
    : undefined;
  if (waId === undefined) close();
  else void open(waId);
});
addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  togglePanel(undefined);
  if (view.menuFor !== undefined) {
    view.menuFor = undefined;
    drawMessages();
  }
});

let searchTimer;
$('search').addEventListener('input', () => {
  clearTimeout(searchTimer);
  searchTimer = setTimeout(loadPeople, 120);
});

function showTime() {
  $('device-time').textContent = clockTime(Date.now());
}
showTime();
setInterval(showTime, 10_000);

listen((event) => {
  if (event.type === 'typing' && event.waId === view.phone?.waId) showTyping();
  if (event.type === 'open' || event.type === 'reset' || event.type === 'account' || event.waId !== undefined)
    void loadPeople();
  if (event.waId === undefined || event.waId === view.phone?.waId) void load();
  if (event.type === 'message' && event.waId === view.phone?.waId) view.typing = false;
});

function showTyping() {
  view.typing = true;
  drawMessages();
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => {
    view.typing = false;
    drawMessages();
  }, 10_000);
}

void loadPeople();
if (view.waId) void open(view.waId);
