import { act, api, avatar, clockTime, coalesce, dayOf, h, listen, toast } from './shared.js';
import { richText } from './rich-text.js';

const $ = (id) => document.getElementById(id);
const shell = document.querySelector('.mailbox');
const form = $('compose-form');

/** Where we are, kept in the address: mailbox (none is all mail), folder, open mail. */
const place = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
let boxes = [];
let mails = [];
let open;
let tab = 'html';
/** What the mail being written answers or passes on. */
let context = {};

const load = coalesce(async () => {
  boxes = (await api('GET', '/mailboxes?limit=300')).data;
  mails = (await api('GET', listPath())).data;
  if (place.mail) open = await api('GET', `/mails/${place.mail}`).catch(() => undefined);
  draw();
});

function listPath() {
  if (!place.box) return '/mails?limit=300';
  return `/mailboxes/${encodeURIComponent(place.box)}/mails?folder=${encodeURIComponent(folder())}`;
}

const folder = () => place.folder ?? 'INBOX';
const folderName = (name) => (name === 'INBOX' ? 'Inbox' : name);

const go = act(async (change) => {
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) delete place[key];
    else place[key] = value;
  }
  if (!place.mail) open = undefined;
  history.replaceState(null, '', `#${new URLSearchParams(place)}`);
  await load();
  if (change.mail && place.box)
    await api('POST', `/mailboxes/${encodeURIComponent(place.box)}/read`, { mailId: place.mail });
});

function draw() {
  shell.dataset.view = open ? 'mail' : (place.view ?? (place.box ? 'list' : 'boxes'));
  drawBoxes();
  drawList();
  drawReader();
}

function drawBoxes() {
  const words = $('search-boxes').value.trim().toLowerCase();
  const found = boxes.filter(({ address, name }) => `${address} ${name}`.toLowerCase().includes(words));
  $('boxes').replaceChildren(
    boxItem({ label: 'All mail', note: 'every mail of everybody' }),
    ...found.map((box) => boxItem({ box, label: box.name, note: box.address })),
  );
}

function boxItem({ box, label, note }) {
  const unread = box?.folders.find(({ name }) => name === 'INBOX')?.unread ?? 0;
  return h(
    'li',
    {},
    h(
      'button',
      {
        class: 'box',
        type: 'button',
        'aria-current': place.box === box?.address ? 'true' : undefined,
        onclick: () => go({ box: box?.address, folder: undefined, mail: undefined, view: 'list' }),
      },
      avatar(label, note),
      h('span', { class: 'name' }, label),
      h('span', { class: 'soft' }, note),
      unread > 0 && h('span', { class: 'badge good' }, `${unread} new`),
      box?.behaviour && h('span', { class: 'badge warn' }, box.behaviour),
    ),
  );
}

function drawList() {
  const box = boxes.find(({ address }) => address === place.box);
  const words = $('search').value.trim().toLowerCase();
  const found = mails.filter((mail) =>
    [mail.subject, mail.from, mail.to.join(' '), mail.snippet].join(' ').toLowerCase().includes(words),
  );
  $('list-title').textContent = place.box ?? 'All mail';
  $('clear').hidden = place.box !== undefined;
  $('to-program').hidden = place.box === undefined;
  $('clear').disabled = mails.length === 0;
  const shown =
    box?.folders.filter(({ name, mails: count }) => count > 0 || name === 'INBOX' || name === 'Sent') ?? [];
  $('folders').hidden = shown.length === 0;
  $('folders').replaceChildren(
    ...shown.map(({ name, unread }) =>
      h(
        'button',
        {
          class: 'button small',
          type: 'button',
          'aria-pressed': String(name === folder()),
          onclick: () => go({ folder: name, mail: undefined, view: 'list' }),
        },
        unread > 0 ? `${folderName(name)} (${unread})` : folderName(name),
      ),
    ),
  );
  const empty = place.box ? 'Nothing in this folder.' : 'No mail yet. What is sent by SMTP appears here.';
  $('mails').replaceChildren(
    ...(found.length > 0
      ? found.map(mailItem)
      : [h('li', { class: 'empty' }, mails.length === 0 ? empty : 'Nothing found.')]),
  );
}

function mailItem(mail) {
  const others =
    place.box && folder() === 'INBOX'
      ? `From ${mail.from}`
      : `To ${mail.to.join(', ') || mail.headerTo || ''}`;
  return h(
    'li',
    {},
    h(
      'button',
      {
        class: mail.seen === false ? 'mail unread' : 'mail',
        type: 'button',
        'aria-current': mail.id === place.mail ? 'true' : undefined,
        onclick: () => {
          tab = 'html';
          void go({ mail: mail.id });
        },
      },
      h('span', { class: 'subject' }, mail.subject || '(no subject)'),
      h('span', { class: 'soft' }, others),
      h('span', { class: 'soft when' }, dayOf(mail.at) === 'Today' ? clockTime(mail.at) : dayOf(mail.at)),
      mail.seen === false && h('span', { class: 'sr-only' }, 'unread'),
      stateOf(mail),
    ),
  );
}

/** What has not arrived everywhere yet. */
function stateOf({ deliveries }) {
  const refused = deliveries.find(({ state }) => state === 'refused');
  const waiting = deliveries.find(({ state }) => state === 'waiting');
  if (refused) return h('span', { class: 'badge bad' }, `refused: ${refused.reason}`);
  if (waiting)
    return h('span', { class: 'badge warn' }, waiting.reason ? `waiting: ${waiting.reason}` : 'waiting');
  return undefined;
}

let drawnReader;

function drawReader() {
  const mail = open;
  const key = mail && JSON.stringify([mail.id, tab, mail.deliveries]);
  if (key === drawnReader) return;
  drawnReader = key;
  if (!mail) {
    $('reader').replaceChildren(h('p', { class: 'empty' }, 'Choose a mail to read it.'));
    return;
  }
  if (tab === 'html' && mail.html === '') tab = 'text';
  $('reader').replaceChildren(
    h(
      'button',
      { class: 'button small back', type: 'button', onclick: () => go({ mail: undefined, view: 'list' }) },
      '← Back',
    ),
    h('h2', {}, mail.subject || '(no subject)'),
    facts(mail),
    actions(mail),
    bodyNode(mail),
    ...(mail.attachments.length > 0 ? [attachments(mail)] : []),
  );
}

function facts(mail) {
  const rows = [
    ['From', mail.from],
    ['To', headerOf(mail, 'to') || mail.to.join(', ')],
    ['Cc', headerOf(mail, 'cc')],
    ['Date', new Date(mail.at).toLocaleString()],
    ...(place.box && place.box !== senderOf(mail) ? [] : mail.deliveries).map(
      ({ to, state, attempts, reason }) => [
        'Sent',
        [`${to}: ${state}`, attempts > 1 && `after ${attempts} attempts`, state !== 'delivered' && reason]
          .filter(Boolean)
          .join(', '),
      ],
    ),
  ];
  return h(
    'dl',
    { class: 'facts' },
    rows.filter(([, value]) => value).flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  );
}

function actions(mail) {
  const mine = selfOf(mail);
  const received = mail.to.some((address) => address.toLowerCase() === mine) && senderOf(mail) !== mine;
  const button = (label, onclick, attributes = {}) =>
    h('button', { class: 'button small', type: 'button', onclick, ...attributes }, label);
  return h(
    'div',
    { class: 'tabs' },
    received && button('Reply', () => reply(mail, []), { class: 'button small primary' }),
    received && button('Reply all', () => reply(mail, othersOf(mail, mine))),
    button('Forward', () => forward(mail)),
    mail.deliveries.some(({ state }) => state === 'waiting') &&
      button(
        'Try now',
        act(() => api('POST', '/mails/retry')),
      ),
    oneClick(mail) &&
      button(
        'Unsubscribe',
        act(async ({ target }) => {
          await api('POST', `/mails/${mail.id}/unsubscribe`);
          target.textContent = 'Unsubscribed';
          target.disabled = true;
        }),
      ),
    h(
      'div',
      { class: 'tabs shown-as', role: 'group', 'aria-label': 'Show as' },
      tabButton('html', 'HTML', mail.html === ''),
      tabButton('text', 'Text', mail.text === ''),
      tabButton('headers', 'Headers', false),
    ),
  );
}

/** Whose mail it is: the mailbox's, else whom it came to. */
const selfOf = (mail) => place.box ?? mail.to[0]?.toLowerCase() ?? '';
const senderOf = ({ envelopeFrom = '' }) => envelopeFrom.toLowerCase();
const headerOf = (mail, name) =>
  mail.headers.find((header) => header.name.toLowerCase() === name)?.value ?? '';

/** As mail programs offer it beside a mail that says so. */
const oneClick = (mail) => headerOf(mail, 'list-unsubscribe-post') !== '';

/** Whom the mail went to besides, in the order of its headers. */
function othersOf(mail, mine) {
  const answered = mail.answerTo.map(({ address }) => address.toLowerCase());
  const all = `${headerOf(mail, 'to')},${headerOf(mail, 'cc')}`.match(/[^\s<>,"]+@[^\s<>,"]+/g) ?? [];
  return all.filter((address) => address.toLowerCase() !== mine && !answered.includes(address.toLowerCase()));
}

function reply(mail, cc) {
  const subject = /^re:/i.test(mail.subject) ? mail.subject : `Re: ${mail.subject}`;
  const to = mail.answerTo.map(({ address }) => address).join(', ');
  compose('Reply', { from: selfOf(mail), to, cc: cc.join(', '), subject }, { inReplyTo: mail.id });
}

function forward(mail) {
  compose('Forward', { from: selfOf(mail), subject: `Fwd: ${mail.subject}` }, { forwards: mail.id });
}

function compose(title, values, about) {
  context = about;
  form.reset();
  $('compose-title').textContent = title;
  $('quote-row').hidden = about.inReplyTo === undefined;
  for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  $('compose').showModal();
  (values.to ? form.elements.text : values.from ? form.elements.to : form.elements.from).focus();
}

const send = act(async () => {
  const { from, to, cc, subject, text, quote, files } = form.elements;
  const list = (field) =>
    field.value
      .split(/[,;]/)
      .map((address) => address.trim())
      .filter((address) => address !== '');
  const mail = await api('POST', '/mails', {
    ...context,
    from: from.value.trim(),
    to: list(to),
    cc: list(cc),
    subject: subject.value,
    text: text.value,
    quote: quote.checked,
    attachments: await Promise.all([...files.files].map(fileOf)),
  });
  $('compose').close();
  toast('On its way');
  if (place.box === undefined) await go({ mail: mail.id });
});

async function fileOf(file) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Error(`${file.name} cannot be read.`));
    reader.readAsDataURL(file);
  });
  return {
    filename: file.name,
    mimeType: file.type || 'application/octet-stream',
    base64: url.split(',')[1],
  };
}

const protocols = { imap: 'IMAP', pop: 'POP', smtp: 'SMTP' };
const securities = { none: 'None', tls: 'TLS', ssl: 'SSL' };

/** What a mail program asks for. */
const showProgram = act(async () => {
  const { data: ports } = await api('GET', '/mail-servers');
  const offered = Object.keys(securities).filter((security) =>
    ports.some((port) => port.security === security),
  );
  $('program-facts').replaceChildren(
    ...fact('Server', location.hostname),
    ...fact('User name', place.box),
    h('dt', {}, 'Password'),
    h('dd', {}, 'any, but for “wrong”'),
  );
  $('program-head').replaceChildren(
    h(
      'tr',
      {},
      h('th', { scope: 'col' }, 'Security'),
      offered.map((security) => h('th', { scope: 'col' }, securities[security])),
    ),
  );
  $('program-ports').replaceChildren(
    ...Object.entries(protocols).map(([protocol, label]) =>
      h(
        'tr',
        {},
        h('th', { scope: 'row' }, label),
        offered.map((security) =>
          h(
            'td',
            {},
            ports.find((port) => port.protocol === protocol && port.security === security)?.port ?? '',
          ),
        ),
      ),
    ),
  );
  $('program').showModal();
});

function fact(name, value) {
  const copy = act(async () => {
    await navigator.clipboard.writeText(value);
    toast(`${name} copied`);
  });
  return [
    h('dt', {}, name),
    h(
      'dd',
      {},
      h('code', {}, value),
      h(
        'button',
        { class: 'button small', type: 'button', 'aria-label': `Copy ${name}`, onclick: copy },
        'Copy',
      ),
    ),
  ];
}

function tabButton(name, label, disabled) {
  return h(
    'button',
    {
      class: 'button small',
      type: 'button',
      disabled,
      'aria-pressed': String(tab === name),
      onclick: () => {
        tab = name;
        drawReader();
      },
    },
    label,
  );
}

function bodyNode(mail) {
  if (tab === 'html') {
    return h('iframe', {
      class: 'body',
      title: 'The mail',
      sandbox: 'allow-popups allow-popups-to-escape-sandbox',
      src: `/sandbox/mails/${mail.id}/html`,
    });
  }
  if (tab === 'headers') {
    return h(
      'pre',
      { class: 'body', tabindex: 0 },
      mail.headers.map(({ name, value }) => `${name}: ${value}`).join('\n'),
    );
  }
  return h('pre', { class: 'body', tabindex: 0 }, richText(mail.text));
}

function attachments(mail) {
  return h(
    'ul',
    { class: 'attachments', 'aria-label': 'Attachments' },
    mail.attachments.map(({ filename, mimeType, size }, index) =>
      h(
        'li',
        {},
        h(
          'a',
          {
            class: 'button small',
            href: `/sandbox/mails/${mail.id}/attachments/${index}`,
            download: filename,
          },
          `${filename} · ${mimeType} · ${Math.ceil(size / 1024)} KB`,
        ),
      ),
    ),
  );
}

$('search').addEventListener('input', drawList);
$('search-boxes').addEventListener('input', drawBoxes);
$('to-boxes').addEventListener('click', () => go({ box: undefined, folder: undefined, view: 'boxes' }));
$('new-mail').addEventListener('click', () => compose('New mail', { from: place.box ?? '' }, {}));
$('compose-cancel').addEventListener('click', () => $('compose').close());
form.addEventListener('submit', (event) => {
  event.preventDefault();
  void send();
});
$('to-program').addEventListener('click', showProgram);
$('program-close').addEventListener('click', () => $('program').close());
$('clear').addEventListener(
  'click',
  act(() => api('DELETE', '/mails')),
);

listen((event) => {
  if (event.type === 'open' || event.type === 'reset' || event.type === 'mail') void load();
});
